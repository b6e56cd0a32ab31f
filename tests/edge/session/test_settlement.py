"""The end of a session: all is let go of, whatever fails; accounts hear of it if it is ours to tell."""

from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_edge.session.settlement import Settlement
from dragoman_edge.session.state import Move, Phase, SessionState
from tests.support.factories import spec

STEPS = ["checkpoint", "timeline", "recognisers", "results", "ownership", "count", "settle ended"]
STEPS += ["over"]  # last: the workers need not begin what is left


class Ending:
    """A session that stops, and what was done in which order; a step named in `fails` raises."""

    def __init__(
        self,
        *fails: str,
        phase: Phase = Phase.LIVE,
        broadcast: bool = False,
        promised: bool = False,
        kept: bool = False,
        recorded: bool = False,
    ):
        self.did: list[str] = []
        self.fails = fails
        self.state = SessionState(Phase.LIVE)
        step = self._step
        made: Any = SimpleNamespace(
            spec=spec(),
            ownership=SimpleNamespace(
                write_final_checkpoint=lambda: step("checkpoint"), unsubscribe=lambda: step("ownership")
            ),
            jobs=SimpleNamespace(in_hand=SimpleNamespace(close=lambda: None)),
            timeline=SimpleNamespace(close=lambda: self.did.append("timeline")),
            recognisers=SimpleNamespace(release=lambda: step("recognisers")),
            results=SimpleNamespace(
                unsubscribe=lambda: step("results"),
                count=lambda: self.did.append("count"),
                say_over=lambda: step("over"),
            ),
            broadcast=SimpleNamespace(end=lambda: step("end"), leave=lambda: step("leave"))
            if broadcast
            else None,
            keeping=SimpleNamespace(end=lambda reason: step(f"keep {reason}")) if kept else None,
            recording=SimpleNamespace(end=lambda: step("recording")) if recorded else None,
            lease=SimpleNamespace(settle=lambda reason: step(f"settle {reason}")),
        )
        resources: Any = SimpleNamespace(end=lambda *about: step(f"end of {' '.join(about)}"))
        self.made = Settlement(made, self.state, "s_1", "a_1", resources if promised else None)

    async def _step(self, name: str) -> None:
        self.did.append(name)
        if name in self.fails:
            raise RuntimeError("a bug")

    async def run(self, *moves: Move) -> list[str]:
        for move in moves:
            self.state.move(move)
        await self.made.run("ended")
        return self.did


async def test_everything_is_let_go_of_then_accounts_hear_of_it() -> None:
    ending = Ending()
    assert await ending.run(Move.STOP) == STEPS
    assert ending.state.phase is Phase.ENDED


@pytest.mark.parametrize("fails", [(), ("keep ended",)])
async def test_the_end_is_kept_when_accounts_know_of_it(fails: tuple[str, ...]) -> None:
    ending = Ending(*fails, kept=True)
    assert await ending.run(Move.STOP) == [*STEPS, "keep ended"]
    assert ending.state.phase is Phase.ENDED


@pytest.mark.parametrize("step", [name for name in STEPS if name not in ("timeline", "count")])
async def test_a_step_that_fails_keeps_no_other_from_being_done(step: str) -> None:
    ending = Ending(step)
    assert await ending.run(Move.STOP) == STEPS
    assert ending.state.phase is Phase.ENDED


async def test_a_session_that_is_elsewhere_is_only_left() -> None:
    ending = Ending(broadcast=True)
    assert await ending.run(Move.HAND_OVER) == ["checkpoint", "results", "ownership", "leave"]
    assert ending.state.phase is Phase.HANDED_OVER


async def test_a_session_that_turns_out_to_be_elsewhere_is_only_left() -> None:
    ending = Ending()
    ending.state.move(Move.STOP)

    async def lost() -> None:
        ending.did.append("checkpoint")
        ending.state.move(Move.LOSE)

    ending.made._made.ownership.write_final_checkpoint = lost  # type: ignore[method-assign,assignment]
    await ending.made.run("ended")
    assert ending.did == ["checkpoint", "results", "ownership"]


async def test_a_broadcast_ends_with_its_session() -> None:
    assert "end" in await Ending(broadcast=True).run(Move.STOP)


async def test_the_end_of_a_promised_session_is_written_down() -> None:
    assert (await Ending(promised=True).run(Move.STOP))[-1] == "end of a_1 s_1 ended"


async def test_recognisers_can_be_let_go_of_alone() -> None:
    ending = Ending("recognisers")
    await ending.made.release_recognisers()
    assert ending.did == ["recognisers"]


async def test_what_is_left_of_a_recording_is_stored_wherever_the_session_goes_on() -> None:
    assert "recording" in await Ending(recorded=True).run(Move.STOP)
    assert "recording" in await Ending(recorded=True).run(Move.HAND_OVER)
