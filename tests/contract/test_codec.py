"""Every class of the contract crosses the wire whole."""

import dataclasses
import types
import typing
from enum import StrEnum
from typing import Any

import pytest

from dragoman_contract import events, rpc
from dragoman_contract.codec import decode, decode_event, encode, encode_event
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.pb.dragoman.v1 import (
    accounts_pb2,
    archive_pb2,
    broadcast_pb2,
    capabilities_pb2,
    events_pb2,
    recognition_pb2,
    recordings_pb2,
    session_pb2,
)

EVENTS = typing.get_args(events.Event)
MESSAGES = typing.get_args(rpc.Message)
DECLARED = {
    name: descriptor
    for module in (
        session_pb2,
        events_pb2,
        recognition_pb2,
        accounts_pb2,
        capabilities_pb2,
        broadcast_pb2,
        archive_pb2,
        recordings_pb2,
    )
    for name, descriptor in module.DESCRIPTOR.message_types_by_name.items()
}


def filled(hint: Any, seed: int = 3) -> Any:
    """A value of a type in which nothing is left at its default."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return filled(args[0], seed)
    if origin is tuple:
        return (filled(args[0], seed), filled(args[0], seed + 1))
    if origin is dict:
        return {f"k{seed}": f"v{seed}"}
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        values = {f.name: filled(hints[f.name], seed + i) for i, f in enumerate(dataclasses.fields(hint))}
        return hint(**values)  # type: ignore[operator]
    if issubclass(hint, StrEnum):
        return list(hint)[-1]
    return {str: f"text {seed}", int: seed, float: seed / 8, bool: True, bytes: bytes([seed, 0, 255])}[hint]


@pytest.mark.parametrize("cls", EVENTS, ids=lambda cls: cls.__name__)
def test_every_event_is_the_same_after_the_wire(cls: type[Any]) -> None:
    event = filled(cls)
    assert decode_event(encode_event(event)) == event


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_every_message_is_the_same_after_the_wire(cls: type[Any]) -> None:
    message = filled(cls)
    assert decode(cls, encode(message)) == message


def test_every_proto_field_has_its_python_field() -> None:
    for name, descriptor in DECLARED.items():
        python = getattr(events, name, None) or getattr(rpc, name, None)
        if name == "Event":
            continue
        assert python is not None, name
        assert {f.name for f in dataclasses.fields(python)} == {f.name for f in descriptor.fields}, name


@pytest.mark.parametrize("data", [b"", b"\xff\xff\xff", b"\x0a\xff"])
def test_bytes_that_are_no_event_are_the_peers_fault(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        decode_event(data)
    assert caught.value.code is FaultCode.BAD_REQUEST


def test_an_unspecified_enum_is_the_peers_fault() -> None:
    envelope = events_pb2.Event()
    envelope.failure.session_id = "s"
    with pytest.raises(PeerError):
        decode_event(envelope.SerializeToString())


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_a_message_cannot_be_changed(cls: type[Any]) -> None:
    fields = dataclasses.fields(cls)
    if fields:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(filled(cls), fields[0].name, None)


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_bytes_that_are_no_message_are_the_peers_fault(cls: type[Any]) -> None:
    with pytest.raises(PeerError):
        decode(cls, b"\x0a\xff")
