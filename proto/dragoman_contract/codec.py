"""Dataclasses of the contract to protobuf and back, by field name.

Both sides declare the same fields; `tests/contract/test_codec.py` proves it for every class, so that no field
can be declared on one side and forgotten on the other.
"""

import dataclasses
import operator
import re
import types
import typing
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from google.protobuf.message import DecodeError
from google.protobuf.message import Message as Pb

from dragoman_contract import events, rpc
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

T = TypeVar("T")
_MODULES = (
    session_pb2,
    events_pb2,
    recognition_pb2,
    accounts_pb2,
    capabilities_pb2,
    broadcast_pb2,
    archive_pb2,
    recordings_pb2,
)
_EVENT_FIELDS = {
    events.Transcript: "transcript",
    events.Translation: "translation",
    events.SpeechChunk: "speech_chunk",
    events.Failure: "failure",
    events.Status: "status",
    events.SpeechActivity: "speech_activity",
    events.Heartbeat: "heartbeat",
    events.TrackEnded: "track_ended",
    events.Usage: "usage",
    events.EndSession: "end_session",
    events.SpeakerCorrection: "speaker_correction",
}
_EVENT_TYPES: dict[str, type[Any]] = {name: cls for cls, name in _EVENT_FIELDS.items()}


def encode_event(event: events.Event) -> bytes:
    """Serialise an event into its envelope."""
    envelope = events_pb2.Event()
    _fill(getattr(envelope, _EVENT_FIELDS[type(event)]), event)
    return envelope.SerializeToString()


def decode_event(data: bytes) -> events.Event:
    """Parse an envelope.

    Raises:
        PeerError: `BAD_REQUEST`, when the bytes are no event of this contract.
    """
    envelope = events_pb2.Event()
    _parse(envelope, data)
    name = envelope.WhichOneof("event")
    if name is None:
        raise PeerError(FaultCode.BAD_REQUEST, "the message contains no known event")
    event: events.Event = _read(_EVENT_TYPES[name], getattr(envelope, name))
    return event


def encode(message: rpc.Message | rpc.Fault) -> bytes:
    """Serialise a request or a reply."""
    pb = _pb_class(type(message))()
    _fill(pb, message)
    return pb.SerializeToString()


def decode(cls: type[T], data: bytes) -> T:
    """Parse a request or a reply of a known class.

    Raises:
        PeerError: `BAD_REQUEST`, when the bytes are no such message.
    """
    pb = _pb_class(cls)()
    _parse(pb, data)
    return _read(cls, pb)


def _parse(pb: Pb, data: bytes) -> None:
    try:
        pb.ParseFromString(data)
    except DecodeError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, "the message does not follow the contract") from exc


def _pb_class(cls: type[Any]) -> type[Pb]:
    for module in _MODULES:
        found: type[Pb] | None = getattr(module, cls.__name__, None)
        if found is not None:
            return found
    raise TypeError(f"{cls.__name__} is not declared in any .proto file")


Writer = Callable[[Pb, Any], None]
Reader = Callable[[Pb], Any]


def _fill(pb: Pb, value: Any) -> None:
    pb.SetInParent()
    for name, write, _ in _plan(type(value)):
        write(pb, getattr(value, name))


def _read(cls: type[T], pb: Pb) -> T:
    return cls(**{name: read(pb) for name, _, read in _plan(cls)})


_PLANS: dict[type[Any], tuple[tuple[str, Writer, Reader], ...]] = {}


def _plan(cls: type[Any]) -> tuple[tuple[str, Writer, Reader], ...]:
    if cls not in _PLANS:
        hints = typing.get_type_hints(cls)
        _PLANS[cls] = tuple((f.name, *_field_plan(f.name, hints[f.name])) for f in dataclasses.fields(cls))
    return _PLANS[cls]


def _field_plan(name: str, hint: type[Any]) -> tuple[Writer, Reader]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return _optional(name, args[0])
    if origin is tuple:
        return _repeated(name, args[0])
    if origin is dict:
        return (lambda pb, v: getattr(pb, name).update(v)), (lambda pb: dict(getattr(pb, name)))
    if dataclasses.is_dataclass(hint):
        cls: type[Any] = hint
        return (lambda pb, v: _fill(getattr(pb, name), v)), (lambda pb: _read(cls, getattr(pb, name)))
    if issubclass(hint, StrEnum):
        return _enum(name, hint)
    return (lambda pb, v: setattr(pb, name, v)), operator.attrgetter(name)


def _optional(name: str, inner: Any) -> tuple[Writer, Reader]:
    def write(pb: Pb, value: Any) -> None:
        if value is not None:
            _fill(getattr(pb, name), value)

    return write, lambda pb: _read(inner, getattr(pb, name)) if pb.HasField(name) else None


def _repeated(name: str, inner: type[Any]) -> tuple[Writer, Reader]:
    def write(pb: Pb, value: Any) -> None:
        target = getattr(pb, name)
        for item in value:
            _fill(target.add(), item)

    cls: type[Any] = inner
    if dataclasses.is_dataclass(inner):
        return write, (lambda pb: tuple([_read(cls, item) for item in getattr(pb, name)]))
    return (lambda pb, v: getattr(pb, name).extend(v)), (lambda pb: tuple(getattr(pb, name)))


def _enum(name: str, hint: type[StrEnum]) -> tuple[Writer, Reader]:
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", hint.__name__).upper() + "_"

    def read(pb: Pb) -> StrEnum:
        wire: Any = pb.DESCRIPTOR.fields_by_name[name].enum_type
        value = wire.values_by_number.get(getattr(pb, name))
        member = value.name.removeprefix(prefix) if value is not None else ""
        if member not in hint.__members__:
            raise PeerError(FaultCode.BAD_REQUEST, f"{name} has no known value")
        return hint[member]

    return (lambda pb, v: setattr(pb, name, prefix + v.name)), read
