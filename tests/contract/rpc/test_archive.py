"""Requests to the archive about tasks."""

import typing

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode


def test_a_list_without_wishes_begins_at_its_first_page() -> None:
    asked = decode(rpc.ListTasksRequest, encode(rpc.ListTasksRequest(account_id="a", limit=10)))
    assert asked.after == "" and asked.state is rpc.TaskState.UNSPECIFIED


def test_every_request_has_a_reply_with_room_for_a_fault() -> None:
    replies = typing.get_args(rpc.ArchiveReply)
    assert len(replies) == len(typing.get_args(rpc.ArchiveRequest))
    assert all(reply().fault is None for reply in replies)
