"""What the workers can do, asked once in a while; the same over a server is in test_capabilities_nats.py."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.events import Label, Spec, TrackSpec
from dragoman_edge.mesh import capabilities
from dragoman_edge.mesh.capabilities import Capabilities
from dragoman_kit.bus import Bus

PAIRS = (
    rpc.LanguagePair(source="en", target="es"),
    rpc.LanguagePair(source="es", target="en", heeds=("label",), english=True),
    rpc.LanguagePair(source="en", target="nb"),
)
LABEL = Label(language="es", text="casual")


class Fleet:
    """Services that tell what they can; `away` are those that do not answer."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.asked: list[str] = []
        self.replies: dict[str, Callable[[int], rpc.CapabilitiesReply]] = {
            "stt": lambda page: rpc.CapabilitiesReply(source_languages=("en", "es", "no", "ru")),
            "translation": lambda page: rpc.CapabilitiesReply(
                pairs=PAIRS[page : page + 1],
                pages=len(PAIRS),
                obtainable=(rpc.ObtainablePair(source="en", target="ru", name="en-ru"),),
            ),
            "tts": lambda page: rpc.CapabilitiesReply(voices=(rpc.VoiceInfo(id="a", language="es"),)),
        }

    async def request(self, subject: str, message: rpc.CapabilitiesRequest, reply: type) -> Any:
        (name,) = (one for one in self.replies if one in subject.split("."))
        self.asked.append(name)
        if name in self.away:
            raise MeshError(FaultCode.BUSY)
        return self.replies[name](message.page)


def known(fleet: Fleet) -> Capabilities:
    return Capabilities(cast(Bus, fleet))


def spec(source: str, target: str, *labels: Label, speech: bool = False) -> Spec:
    track = TrackSpec(source_languages=(source,), target_languages=(target,) if target else ())
    return Spec(dialect="test", tracks=(track,), speech=speech, labels=labels)


async def test_only_the_services_that_a_spec_needs_are_asked() -> None:
    fleet = Fleet()
    made = known(fleet)
    await made.check(spec("en", ""))
    assert fleet.asked == ["stt"]
    await made.check(spec("en", "es"))
    assert fleet.asked == ["stt"] + ["translation"] * 3  # every page of it
    await made.check(spec("en", "es", speech=True))
    assert fleet.asked[-1] == "tts" and len(fleet.asked) == 5


async def test_an_answer_is_remembered_while_it_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet()
    made = known(fleet)
    await made.check(spec("en", ""))
    await made.check(spec("en", ""))
    assert fleet.asked == ["stt"]
    monkeypatch.setattr(capabilities, "FRESH_S", 0.0)
    stale = known(fleet)
    await stale.check(spec("en", ""))
    await stale.check(spec("en", ""))
    assert fleet.asked == ["stt"] * 3


async def test_a_service_that_restarts_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "FRESH_S", 0.0)
    fleet = Fleet()
    made = known(fleet)
    await made.check(spec("en", ""))
    fleet.away.add("stt")
    await made.check(spec("en", ""))
    assert fleet.asked == ["stt", "stt"]


async def test_a_service_that_never_answered_is_busy() -> None:
    fleet = Fleet()
    fleet.away |= {"translation", "tts"}
    made = known(fleet)
    with pytest.raises(MeshError) as failed:
        await made.check(spec("en", "es"))
    assert failed.value.code is FaultCode.BUSY and "translation" in failed.value.message
    listed = await made.languages()
    assert (listed.recognised, listed.pairs, listed.voices) == (("en", "es", "no", "ru"), (), ())
    assert await made.reaching(("en", "es"), "en") == ()


async def test_everything_is_listed() -> None:
    listed = await known(Fleet()).languages()
    assert listed.pairs == PAIRS and [voice.id for voice in listed.voices] == ["a"]


async def test_only_so_many_pages_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet()
    monkeypatch.setattr(capabilities, "PAGES", 2)
    assert (await known(fleet).languages()).pairs == PAIRS[:2]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (spec("de", ""), FaultCode.UNSUPPORTED_LANGUAGE),
        (spec("en", "ru"), FaultCode.UNSUPPORTED_LANGUAGE),
        (spec("en", "nb", speech=True), FaultCode.UNSUPPORTED_LANGUAGE),
    ],
)
async def test_what_nobody_can_do_is_refused(asked: Spec, code: FaultCode) -> None:
    with pytest.raises(PeerError) as refused:
        await known(Fleet()).check(asked)
    assert refused.value.code is code


async def test_operators_are_told_once_what_would_add_a_language() -> None:
    made = known(Fleet())
    with capture_logs() as lines:
        for pair in (("en-US", "ru-RU"), ("en-US", "ru-RU"), ("en", "tlh"), ("mni", "en")):
            with pytest.raises(PeerError):
                await made.check(spec(*pair))
    told = [line for line in lines if line["event"] == "language refused"]
    assert [(line["source"], line["language"], line["add"]) for line in told] == [
        ("en-US", "ru-RU", "dragoman models pull en-ru"),
        ("en", "tlh", "no model is known"),
        ("", "mni", "no model is known"),
    ]


async def test_what_operators_were_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "TOLD", 1)
    made = known(Fleet())
    with capture_logs() as lines:
        for target in ("tlh", "mni", "tlh"):
            with pytest.raises(PeerError):
                await made.check(spec("en", target))
    assert len([line for line in lines if line["event"] == "language refused"]) == 3


async def test_labels_that_are_not_heeded_are_told_in_words_and_logged_once() -> None:
    made = known(Fleet())
    assert made.notices(spec("en", "es", LABEL)) == ()  # nothing is known yet
    await made.check(spec("en", "es", LABEL))
    with capture_logs() as lines:
        for _ in range(2):
            assert made.notices(spec("en", "es", LABEL)) == (
                "labels are not heeded from 'en' into 'es': the engines that serve it take none",
            )
    assert len(lines) == 1
    assert made.notices(spec("es", "en", LABEL)) == made.notices(spec("en", "es")) == ()


async def test_a_label_of_any_source_names_the_target_alone() -> None:
    made = known(Fleet())
    await made.check(spec("en", "es"))
    detected = Spec(dialect="test", tracks=(TrackSpec(target_languages=("es",)),), labels=(LABEL,))
    assert made.notices(detected) == ("labels are not heeded into 'es': the engines that serve it take none",)


async def test_those_that_reach_a_target_are_found_among_candidates() -> None:
    assert await known(Fleet()).reaching(("en", "es", "ru", "mni"), "en") == ("en", "es")


async def test_the_recognisers_own_english_is_wanted_where_a_pair_needs_it() -> None:
    made = known(Fleet())
    (track,) = spec("es", "en").tracks
    assert not made.wants_english(track)  # nothing is known yet
    await made.check(spec("es", "en"))
    assert made.wants_english(track)
    assert not made.wants_english(spec("en", "es").tracks[0])
