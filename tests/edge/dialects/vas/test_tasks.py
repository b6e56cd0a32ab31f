"""Jobs beside the utterances."""

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.commands import TextRequest
from dragoman_edge.model.events import Outcome
from tests.support.vas_codec import action, running, said, shown


def test_a_job_that_is_not_taken_leaves_its_number() -> None:
    made = running()
    said(made, 1)
    made.receive(action("retranslate", sid=1))
    (message,) = shown(made, Outcome("", PeerError(FaultCode.RATE_LIMITED, "too many"), 1))
    assert message["data"]["error_code"] == "retranslation_failed"
    (job,) = made.receive(action("retranslate", sid=1))
    assert isinstance(job, TextRequest)
    assert job.number == 1
