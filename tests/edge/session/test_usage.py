"""What a session has used."""

from dragoman_contract import events as ev
from dragoman_edge.session.usage import UsageMeter


def chunk(size: int) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s",
        track=0,
        epoch=1,
        utterance=1,
        language="es",
        sample_offset=0,
        audio=bytes(size),
        last=True,
    )


def test_usage_only_grows_and_goes_on_after_a_resume() -> None:
    meter = UsageMeter(
        "s", "a", "e", before=ev.Usage(session_id="s", sequence=4, recognised_ms=1000, synthesised_ms=50)
    )
    meter.heard(16_000)
    meter.released(chunk(32_000))
    first = meter.report()
    assert (first.sequence, first.recognised_ms, first.synthesised_ms) == (5, 2000, 1050)
    assert meter.report(closing=True) == ev.Usage(
        session_id="s",
        sequence=6,
        recognised_ms=2000,
        synthesised_ms=1050,
        closing=True,
        account_id="a",
        edge_id="e",
    )
