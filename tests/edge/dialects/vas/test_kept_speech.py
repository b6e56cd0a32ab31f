"""Speech of kept sentences: what there is no text for is told first; refusals end the stream."""

import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.requests import TextResult
from tests.edge.dialects.vas.test_retranslations import PAGE, SPEECH, asked, streamed
from tests.support.vas_codec import chunk
from tests.support.vas_tasks import request


@pytest.mark.parametrize("language", ["de", "ja"])
def test_without_a_translation_there_is_no_speech(language: str) -> None:
    _, answer = asked(SPEECH, request(language=language), PAGE, ())
    questions, told = streamed(answer)
    assert questions == [] and [name for name, _ in told] == ["connected", "tts_error", "done"]
    assert told[1][1]["error"] == "translation_not_found"


def test_the_original_is_spoken_in_its_own_language() -> None:
    _, answer = asked(SPEECH, request(language="en"), PAGE, ())
    (run,), told = streamed(answer, (TextResult(speech=(chunk(last=True),)),))
    assert run.jobs[0].text == "hello" and told[1][1]["text"] == "hello"


def test_what_accounts_refuse_ends_the_stream() -> None:
    _, answer = asked(SPEECH, request(language="es"), PAGE, ())
    _, told = streamed(answer, PeerError(FaultCode.INSUFFICIENT_CREDITS))
    assert [name for name, _ in told] == ["connected", "error"]
