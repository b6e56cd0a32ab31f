"""Whatever dialect a command comes from, its texts are clean and its size is bounded."""

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.commands import Audio, BroadcastAction, BroadcastCommand, Open, TextRequest, Update
from dragoman_edge.server.clean_commands import safe
from tests.support.factories import spec


def test_texts_of_every_command_are_cleaned() -> None:
    dirty = spec(context="a\x01b")
    opened, updated, job, said = safe(
        [
            Open(dirty),
            Update(dirty),
            TextRequest(1, "\x01-A bonjour", "fr", ("en",)),
            BroadcastCommand(BroadcastAction.ANNOUNCE, "x\x1b[2J"),
        ]
    )
    assert isinstance(opened, Open) and opened.spec.context == "a b"
    assert isinstance(updated, Update) and updated.spec.context == "a b"
    assert isinstance(job, TextRequest) and job.text == " -A bonjour"
    assert isinstance(said, BroadcastCommand) and said.text == "x [2J"


def test_audio_passes_as_it_is() -> None:
    audio = Audio(b"\x01\x02")
    assert safe([audio]) == [audio]


def test_a_spec_beyond_the_bounds_is_refused() -> None:
    terms = (ev.Term(source="a", target="b"),) * 1001
    with pytest.raises(PeerError) as refused:
        safe([Update(spec(dictionary=terms))])
    assert refused.value.code is FaultCode.TOO_LARGE


def test_a_job_beyond_the_bounds_is_refused() -> None:
    with pytest.raises(PeerError):
        safe([TextRequest(1, "x" * 5001, "fr", ("en",))])
