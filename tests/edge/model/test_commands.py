"""What a client can ask for: the defaults that a dialect relies on when it leaves something out."""

import dataclasses

import pytest

from dragoman_edge.model import commands
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import JOBS, Answer, Audio, Flush, Open, TextRequest, Update
from tests.support.factories import SPEC


def test_a_session_is_neither_resumable_nor_shown_to_viewers_unless_asked() -> None:
    wanted = Open(SPEC)
    assert (wanted.audio_in, wanted.audio_out) == (AudioFormat(), AudioFormat())
    assert (wanted.resumable, wanted.promised, wanted.credential, wanted.broadcast) == (False, "", "", None)


def test_what_is_left_out_asks_for_nothing() -> None:
    assert Answer() == Answer((), None) and Flush().grace_ms == 0
    assert Audio(b"ab").format is None  # that of the session
    assert Update(SPEC).tag == ""
    plain = TextRequest(1, "a", "en", ("es",))
    assert not plain.speech and not plain.translated and plain.duration_ms == 0


def test_the_track_of_the_jobs_is_no_channel_of_a_client() -> None:
    assert JOBS > 255


@pytest.mark.parametrize("command", [Open(SPEC), Audio(b""), Flush(), Answer(), Update(SPEC)])
def test_a_command_cannot_be_changed(command: object) -> None:
    field = dataclasses.fields(command)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(command, field, None)


def test_every_command_of_the_module_is_in_the_union() -> None:
    kinds = {one for one in vars(commands).values() if dataclasses.is_dataclass(one)}
    known = set(commands.Command.__args__)
    beside = {"BroadcastWanted", "Spec", "AudioFormat", "DeliveryCounts"}  # parts of commands
    assert {kind.__name__ for kind in kinds - known if isinstance(kind, type)} <= beside
