"""Settings that the mesh confirms or refuses."""

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.commands import JOBS, Update
from dragoman_edge.model.events import Outcome
from tests.support.vas_codec import TALK, action, failure, running, said, shown


def test_a_refused_change_changes_nothing() -> None:
    made = running()
    (update,) = made.receive(action("tts_mode", tts_mode="sync"))
    assert isinstance(update, Update)
    (message,) = shown(made, Outcome(update.tag, PeerError(FaultCode.UNSUPPORTED_VOICE, "no voice")))
    assert (message["data"]["error_code"], message["data"]["severity"]) == ("tts_voice_not_found", "error")
    (update,) = made.receive(action("config", terminology=["x"]))
    assert isinstance(update, Update)
    assert not update.spec.speech


def test_a_refused_language_shows_no_translations() -> None:
    made = running()
    said(made, 1)
    update, _ = made.receive(action("switch_language", translation_language="xx"))
    assert isinstance(update, Update)
    (message,) = shown(made, Outcome(update.tag, PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "no")))
    assert message["data"]["error_code"] == "language_not_supported"
    assert shown(made, failure(ev.Stage.TRANSLATION, track=JOBS)) == []


def test_a_speaker_who_cannot_be_heard_in_his_language_is_not_heard() -> None:
    made = running(**TALK, conversation_mode="manual")
    _, update = made.receive(action("start_speaking", speaker=2))
    assert isinstance(update, Update)
    (message,) = shown(made, Outcome(update.tag, PeerError(FaultCode.UNAVAILABLE, "away")))
    assert message["data"]["error_code"] == "service_unavailable"
    assert made.receive(b"\0\0") == []
