"""What the workers can do, asked over a real nats-server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.events import Label, Spec, TrackSpec
from dragoman_edge.mesh.capabilities import Capabilities
from dragoman_kit.bus import Bus

PAIRS = (
    rpc.LanguagePair(source="en", target="es", heeds=()),
    rpc.LanguagePair(source="es", target="en", heeds=("label",)),
    rpc.LanguagePair(source="en", target="nb"),
)
OBTAINABLE = (rpc.ObtainablePair(source="en", target="ru", name="en-ru"),)
REPLIES: dict[str, Callable[[int], rpc.CapabilitiesReply]] = {
    "stt": lambda page: rpc.CapabilitiesReply(source_languages=("en", "es", "no", "ru")),
    "translation": lambda page: rpc.CapabilitiesReply(
        pairs=PAIRS[page : page + 1], pages=len(PAIRS), obtainable=OBTAINABLE
    ),
    "tts": lambda page: rpc.CapabilitiesReply(voices=(rpc.VoiceInfo(id="a", language="es"),)),
}


@asynccontextmanager
async def services(bus: Bus, *names: str) -> AsyncIterator[list[str]]:
    """Workers that say what they can; yields who was asked."""
    asked: list[str] = []

    def answering(name: str) -> Any:
        async def answer(msg: Any) -> None:
            asked.append(name)
            page = codec.decode(rpc.CapabilitiesRequest, msg.data).page
            await msg.respond(codec.encode(REPLIES[name](page)))

        return answer

    heard = [await bus.nc.subscribe(subjects.capabilities(name), cb=answering(name)) for name in names]
    yield asked
    for subscription in heard:
        await subscription.unsubscribe()


def spec(source: str, target: str, *labels: Label, speech: bool = False) -> Spec:
    track = TrackSpec(source_languages=(source,), target_languages=(target,) if target else ())
    return Spec(dialect="test", tracks=(track,), speech=speech, labels=labels)


async def test_all_pages_are_asked_for_and_remembered(bus: Bus) -> None:
    known = Capabilities(bus)
    async with services(bus, *REPLIES) as asked:
        await known.check(spec("en-US", "no"))
        await known.check(spec("es", "en-GB"))
        assert asked == ["stt", "translation", "translation", "translation"]
        listed = await known.languages()
    assert (listed.pairs, listed.recognised) == (PAIRS, ("en", "es", "no", "ru"))
    await known.check(
        spec("en", "es", speech=True)
    )  # a service that restarts has not forgotten its languages


async def test_a_service_that_is_needed_must_be_there(bus: Bus) -> None:
    known = Capabilities(bus)
    async with services(bus, "stt"):
        await known.check(spec("en", ""))
        with pytest.raises(MeshError) as refused:
            await known.check(spec("en", "es"))
        assert refused.value.code is FaultCode.BUSY
        assert (await known.languages()).pairs == ()
        assert await known.reaching(("en", "es"), "en") == ()


async def test_operators_are_told_once_what_would_add_a_language(bus: Bus) -> None:
    known = Capabilities(bus)
    with capture_logs() as lines:
        async with services(bus, *REPLIES):
            for pair in (("en-US", "ru-RU"), ("en-US", "ru-RU"), ("en", "tlh"), ("mni", "en")):
                with pytest.raises(PeerError):
                    await known.check(spec(*pair))
    told = [line for line in lines if line["event"] == "language refused"]
    assert [(line["source"], line["language"], line["add"]) for line in told] == [
        ("en-US", "ru-RU", "dragoman models pull en-ru"),
        ("en", "tlh", "no model is known"),
        ("", "mni", "no model is known"),
    ]


async def test_labels_that_are_not_heeded_are_told_in_words(bus: Bus) -> None:
    known = Capabilities(bus)
    label = Label(language="es", text="casual")
    assert known.notices(spec("en", "es", label)) == ()  # nothing is known yet
    async with services(bus, *REPLIES):
        await known.check(spec("en", "es", label))
    assert known.notices(spec("en", "es", label)) == (
        "labels are not heeded from 'en' into 'es': the engines that serve it take none",
    )
    assert known.notices(spec("es", "en", label)) == known.notices(spec("en", "es")) == ()


async def test_those_that_reach_a_target_are_found_among_candidates(bus: Bus) -> None:
    known = Capabilities(bus)
    async with services(bus, *REPLIES):
        assert await known.reaching(("en", "es", "ru", "mni"), "en") == ("en", "es")
