"""A client's commands to a live session: another spec, texts, a broadcast host's orders, corrections."""

import time
from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError
from dragoman_edge.model.commands import Amend, BroadcastCommand, TextRequest
from dragoman_edge.session.assembly import Assembly
from dragoman_edge.session.results import now_ms
from dragoman_edge.session.state import SessionState


class ClientCommands:
    """Carries out what needs several parts of a session; nothing before it lives or once it ends.

    Args:
        made: the session's parts.
        state: of the session.
        texts_only: the session has no audio, and lives by its texts.
    """

    def __init__(self, made: Assembly, state: SessionState, texts_only: bool) -> None:
        self._made = made
        self._state = state
        self._texts_only = texts_only

    async def update(self, spec: ev.Spec) -> None:
        """Go on as `spec` says, from the audio that is sent next; accounts and the workers can do it.

        Raises:
            MeshError: `BUSY`, when there is no recogniser for a track that joins; nothing is changed.
            DragomanError: the texts of its work orders cannot be stored; nothing is changed.
        """
        made = self._made
        if not self._state.live:
            return
        if spec.known_speakers != made.spec.known_speakers:  # whose voices were read at the beginning
            spec = replace(spec, known_speakers=made.spec.known_speakers)
        await made.work_orders.keep(spec)
        await made.intake.pass_on()
        before, made.spec = made.spec, spec
        links = made.recognisers.links
        try:
            for track in spec.tracks:
                if track.track not in links:
                    await made.recognisers.join(track)
        except DragomanError:
            made.spec = before
            raise
        for track in spec.tracks:
            await links[track.track].update(*made.orders(track))
        made.stability.stability = spec.stability
        if made.broadcast is not None:
            made.broadcast.follow(spec)
        await made.ownership.record()

    async def job(self, job: TextRequest) -> None:
        """Translate or speak a text beside the utterances.

        Raises:
            DragomanError: too many jobs, or accounts refuse it.
        """
        made = self._made
        if self._state.live:
            _, work = made.orders(made.spec.tracks[0])
            made.amendments.asked(job)
            if self._texts_only:
                made.times.audio = time.monotonic()  # its texts are all that comes
            made.results.release(await made.jobs.take(job, work, now_ms()))

    async def direct(self, direct: BroadcastCommand) -> None:
        """Carry out a command of the broadcast's host."""
        broadcast = self._made.broadcast
        if broadcast is not None and self._state.live:
            await broadcast.direct(direct)

    def amend(self, amend: Amend) -> None:
        """Change what was said, for the archive and for viewers."""
        if self._state.live:
            self._made.amendments.take(amend)
