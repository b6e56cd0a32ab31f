"""Counts of a session's results by stage: those released, and those that failed."""

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, fault_code
from dragoman_edge import metrics


class ResultCounts:
    """One per session; fed with what is released to the client."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect

    def observe(self, event: ev.Event) -> None:
        """Count one released event, if it completes or fails a result."""
        match event:
            case ev.Transcript(final=True):
                self._released(ev.Stage.STT)
            case ev.Translation(final=True):
                self._released(ev.Stage.TRANSLATION)
            case ev.SpeechChunk(last=True):
                self._released(ev.Stage.TTS)
            case ev.Failure():
                self.failed(event.stage, fault_code(event.code))

    def failed(self, stage: ev.Stage, code: FaultCode, number: int = 1) -> None:
        """Count results of a stage that will not come."""
        if number:
            metrics.FAILURES.labels(self._dialect, stage, code).inc(number)

    def _released(self, stage: ev.Stage) -> None:
        metrics.RESULTS.labels(self._dialect, stage).inc()
