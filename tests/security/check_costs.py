"""CPU that the checks of what clients send cost an edge, in a session of a minute with ten texts.

python -m tests.security.check_costs [--frame-us 41.6]

The checks are timed alone, in this process. The whole is what `make bench` measured for audio frames alone
(docs/performance.md), so that the share is less in truth.
"""

import argparse
import asyncio
import timeit
from collections.abc import Callable
from typing import Any

from dragoman_contract import events as ev
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Audio, Command, Open, TextRequest
from dragoman_edge.server.clean_commands import safe
from dragoman_edge.server.seats import Seats
from dragoman_edge.session.text_admission import Ahead, TextAdmission
from dragoman_kit.turnstile import STEP, Turnstile
from tests.support.factories import spec

TIMES = 2000
FRAMES, TEXTS = 3000, 10
MOST = 3.0  # percent of the whole
RICH = spec(
    dictionary=tuple(ev.Term(source=f"term {n}", target="word") for n in range(20)), context="of ships"
)


def cost_us(work: Callable[[], Any], times: int = TIMES) -> float:
    """The least of five rounds: what else the machine does only adds."""
    return min(timeit.repeat(work, number=times, repeat=5)) / times * 1e6


def frame() -> Callable[[], Any]:
    """An audio frame of 20 ms, the only thing that clients send all the time."""
    commands: list[Command] = [Audio(bytes(640), AudioFormat())]
    return lambda: (len(bytes(640)) > 1 << 20, safe(commands))


def turn() -> Callable[[], Any]:
    """The turn of a handshake: half of them wait for it."""
    turnstile = Turnstile(asyncio.new_event_loop())

    def work() -> None:
        for _ in range(2 * STEP):
            turnstile.enter("10.0.0.1", 400, lambda: None)
        turnstile._go_on()
        turnstile._go_on()

    return work


def opening() -> Callable[[], Any]:
    """A place for the socket, and a session with a dictionary of twenty terms."""
    seats = Seats(500, 100)
    commands: list[Command] = [Open(RICH)]

    def work() -> None:
        place = seats.enter("10.0.0.1")
        place.wait()
        safe(commands)
        place.sit()
        place.leave()

    return work


def text() -> Callable[[], Any]:
    """A text of 200 characters beside the speech."""
    admission = TextAdmission(100, 20_000)
    job = TextRequest(number=1, text="word " * 40, language="en", target_languages=("es",))

    def work() -> None:
        safe([job])
        admission.take("acc_1", 200)
        Ahead(13_000, 0)
        admission.give_back("acc_1", 200)

    return work


def main() -> None:
    """Print the table; the status is 1 when they cost too much."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frame-us", type=float, default=41.6, help="CPU of the edge for a frame, in all")
    whole = FRAMES * parser.parse_args().frame_us
    total = 0.0
    for name, work, count in (
        ("audio frame", frame(), FRAMES),
        (f"turns of {2 * STEP} handshakes", turn(), 1),
        ("opening of a session", opening(), 1),
        ("text of 200 characters", text(), TEXTS),
    ):
        cost = cost_us(work)
        total += count * cost
        print(f"{name:24}{cost:9.2f} us, {count} of them")
    share = 100 * total / whole
    print(f"checks of a session: {total / 1000:.2f} ms of at least {whole / 1000:.0f} ms, {share:.1f} %")
    raise SystemExit(1 if share > MOST else 0)


if __name__ == "__main__":
    main()
