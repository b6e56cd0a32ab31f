"""Orders to the archive: everything of an account is erased, or it is told that it is not."""

from typing import cast

import pytest

from dragoman_accounts.kept_sessions import LOST, end_lost, erase_kept
from dragoman_contract import codec, rpc
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.bus import Bus
from tests.edge.mesh.test_accounts import Answering


async def test_the_archive_is_told_and_says_how_many_there_were() -> None:
    bus = Answering(rpc.EraseAccountReply(tasks=3))
    assert await erase_kept(cast(Bus, bus), "a_1") == 3
    order = rpc.EraseAccountRequest(account_id="a_1")
    assert bus.asked == [("dragoman.v1.archive.accounts.erase", order, rpc.EraseAccountReply)]


@pytest.mark.parametrize("answer", [
    MeshError(FaultCode.UNAVAILABLE, "away"),
    rpc.EraseAccountReply(fault=rpc.Fault(code=FaultCode.UNAVAILABLE, message="away")),
])  # fmt: skip
async def test_an_order_that_was_not_done_is_no_success(answer: rpc.EraseAccountReply | MeshError) -> None:
    with pytest.raises(MeshError, match="away"):
        await erase_kept(cast(Bus, Answering(answer)), "a_1")


class Stream:
    """A bus whose stream takes nothing of the session `away`."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, rpc.KeptRecord, str]] = []

    async def store(self, subject: str, payload: bytes, identity: str) -> None:
        if "away" in subject:
            raise MeshError(FaultCode.UNAVAILABLE)
        self.stored.append((subject, codec.decode(rpc.KeptRecord, payload), identity))


async def test_the_end_of_lost_sessions_is_told_one_by_one() -> None:
    stream = Stream()
    await end_lost(cast(Bus, stream), "a_1", ["s_away", "s_2"])
    ((subject, record, identity),) = stream.stored
    assert (subject, identity) == ("dragoman.v1.kept.s_2", "s_2.kept.ended")
    assert record.account_id == "a_1" and record.ended is not None
    assert record.ended.lost and record.ended.reason == LOST
