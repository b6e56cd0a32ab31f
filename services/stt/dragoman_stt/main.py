"""The composition root of stt."""

import asyncio
import os

from dragoman_contract.ids import new_id
from dragoman_kit import bus as buses
from dragoman_kit.bus import Bus
from dragoman_kit.ops import Health, ops_app, serving
from dragoman_kit.pod import keep_deletion_cost
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_models.errors import ModelError
from dragoman_models.settings import ModelsSettings
from dragoman_stt import engines
from dragoman_stt.enrolment import Enrolment
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.settings import SttSettings
from dragoman_stt.speaker_labels import VoiceHearing
from dragoman_stt.turn_judging import TurnJudging
from dragoman_stt.worker import SttWorker

EXIT_STUCK = 3


def main() -> None:
    """Run stt until SIGTERM."""
    settings, common, _ = load(SttSettings, CommonSettings, ModelsSettings)  # engines read the third

    async def body(stop: asyncio.Event) -> None:
        await _serve(settings, common, stop)

    run("stt", common, body)


async def _serve(settings: SttSettings, common: CommonSettings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set or the engine hangs, then drain.

    Raises:
        SystemExit: an engine, a model or the HTTP port cannot be had.
        RuntimeError: the HTTP server ended; the tracks were given to other workers before.
    """
    health = Health("stt", common.build)
    problem: list[str] = ["the model is being loaded"]

    async def check() -> str | None:
        return problem[0] if problem else None

    health.add("engine", check)
    async with serving(ops_app(health), settings, stop):
        bus = await buses.connect(common, "stt", health)
        worker, scheduler, others, enrolment = await _prepare(settings, common, bus)
        await worker.start()
        if enrolment is not None:
            await enrolment.subscribe(bus)
        problem.clear()
        ends = [
            asyncio.create_task(stop.wait(), name="stop"),
            asyncio.create_task(worker.run(), name="worker"),
        ]
        if common.pod:
            cost = keep_deletion_cost(common.pod, lambda: worker.track_count)
            ends.append(asyncio.create_task(cost, name="deletion cost"))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        health.draining = True
        await worker.drain(common.drain_s)
        for end in ends:
            end.cancel()
        scheduler.close()
        for other in others:
            other.close()
        await bus.close()
        if scheduler.stuck:  # its threads would keep the process; whoever started it starts it again
            os._exit(EXIT_STUCK)


async def _prepare(
    settings: SttSettings, common: CommonSettings, bus: Bus
) -> tuple[SttWorker, Scheduler, list[TurnJudging | VoiceHearing], Enrolment | None]:
    """Load the engines off the event loop.

    Raises:
        SystemExit: an engine or a model cannot be had.
    """
    try:
        engine = await asyncio.to_thread(engines.recogniser, settings)
        vad = await asyncio.to_thread(engines.activity, settings)
        suppressor = await asyncio.to_thread(engines.suppressor, settings)
        judge = await asyncio.to_thread(engines.turn_judge, settings)
        encoder = await asyncio.to_thread(engines.speaker_encoder, settings)
    except (engines.EngineError, ModelError) as exc:
        raise SystemExit(f"dragoman-stt: {exc}") from exc
    await asyncio.to_thread(engine.warm)
    scheduler = Scheduler(engine, settings.decodes, settings.decode_timeout_s)
    turns = TurnJudging.of(judge, settings) if judge is not None else None
    voices = VoiceHearing(encoder, settings.speakers_timeout_s) if encoder is not None else None
    worker_id = settings.id or new_id("w_", 5)
    worker = SttWorker(
        bus, engine, scheduler, vad, suppressor, settings, worker_id, common.build, turns, voices
    )
    enrolment = Enrolment(voices, vad) if voices is not None else None
    return worker, scheduler, [one for one in (turns, voices) if one is not None], enrolment
