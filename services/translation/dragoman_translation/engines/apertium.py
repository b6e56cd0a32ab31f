"""Apertium over persistent pipes: every stage of a mode runs once, in null-flush mode, for all sentences.

A process for each sentence costs about 200 ms; a sentence through the pipes costs a few.
"""

import asyncio
import os
import re
import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_kit.logging import get
from dragoman_translation.engines.apertium_text import escape, mended, pieces, unescape
from dragoman_translation.engines.base import Job, Pair

log = get(__name__)
MODES = Path("/usr/share/apertium/modes")
MODE_FILE = re.compile(r"^([a-z]{2,3})-([a-z]{2,3})\.mode$")
TIMEOUT_S = 5.0
START_TIMEOUT_S = 30.0  # the dictionaries are read from disk
# Apertium's codes of two letters or three to the shortest of BCP 47.
CODES = {
    "eng": "en", "spa": "es", "fra": "fr", "cat": "ca", "por": "pt", "ita": "it", "deu": "de", "arg": "an",
    "ast": "ast", "glg": "gl", "eus": "eu", "oci": "oc", "ron": "ro", "epo": "eo", "swe": "sv", "dan": "da",
    "nob": "nb", "nno": "nn", "isl": "is", "rus": "ru", "ukr": "uk", "bel": "be", "mkd": "mk", "bul": "bg",
    "hbs": "sh", "slv": "sl", "srd": "sc", "pol": "pl", "nld": "nl", "afr": "af", "ind": "id", "zlm": "ms",
    "urd": "ur", "hin": "hi", "bre": "br", "cym": "cy",
}  # fmt: skip
# chrF on the 997 sentences of FLORES-200 dev.
MEASURED = {
    ("ca", "es"): 51.7, ("en", "es"): 43.9, ("es", "ca"): 53.1, ("es", "en"): 46.6, ("es", "fr"): 46.2,
    ("es", "pt"): 48.9, ("fr", "es"): 45.8, ("pt", "es"): 48.8,
}  # fmt: skip
COST_MS = 5.0  # a sentence through the pipes
# Programs of modes that the pairs' packages only recommend.
PROGRAM_PACKAGES = {"cg-proc": "cg3", "lsx-proc": "apertium-separable", "rtx-proc": "apertium-recursive"}
PROBE = "a[].[]"
LONGEST_ANSWER = 1 << 20  # bytes; what goes in is bounded, so that only an engine that raves says more


@dataclass(slots=True)
class Pipeline:
    """The running stages of one mode."""

    commands: list[list[str]]
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, text: str) -> str:
        """One text through all stages.

        Raises:
            MeshError: `TIMEOUT` or `ENGINE_FAILED`; the stages are started anew for the next text.
        """
        async with self.lock:
            try:
                if not self.alive:
                    async with asyncio.timeout(START_TIMEOUT_S):
                        await self.restart()
                        await self._exchange(PROBE)
                async with asyncio.timeout(TIMEOUT_S):
                    return await self._exchange(text)
            except TimeoutError:
                await self.stop()
                raise MeshError(FaultCode.TIMEOUT, "the translator did not answer in time") from None
            except (OSError, EOFError, asyncio.LimitOverrunError) as exc:
                await self.stop()
                raise MeshError(FaultCode.ENGINE_FAILED, "the translator stopped unexpectedly") from exc
            except asyncio.CancelledError:
                await self.stop()  # an answer that nobody waits for would be the next text's
                raise

    @property
    def alive(self) -> bool:
        """Whether every stage runs."""
        return bool(self.processes) and all(p.returncode is None for p in self.processes)

    async def restart(self) -> None:
        """Start the stages, connected by pipes of the system."""
        await self.stop()
        upstream: int = asyncio.subprocess.PIPE
        for number, command in enumerate(self.commands):
            last = number == len(self.commands) - 1
            read, write = (None, asyncio.subprocess.PIPE) if last else os.pipe()
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=upstream,
                stdout=write,
                stderr=asyncio.subprocess.DEVNULL,
                limit=LONGEST_ANSWER,
            )
            self.processes.append(process)
            for end in (upstream, write):
                if end >= 0:
                    os.close(end)
            upstream = read if read is not None else -1

    async def stop(self) -> None:
        """End the stages."""
        processes, self.processes = self.processes, []
        for process in processes:
            if process.returncode is None:
                process.kill()
        for process in processes:
            if process.stdin is not None:
                process.stdin.close()
            if process.stdout is not None:
                await process.stdout.read()  # or its pipe stays open, when nobody has read all of it
            await process.wait()

    async def _exchange(self, text: str) -> str:
        source, sink = self.processes[0].stdin, self.processes[-1].stdout
        if source is None or sink is None:
            raise EOFError
        source.write(text.encode() + b"\0")
        await source.drain()
        answer = await sink.readuntil(b"\0")
        return answer[:-1].decode(errors="replace")


class Apertium:
    """All installed pairs."""

    name = "apertium"
    heeds: frozenset[str] = frozenset()

    def __init__(self, modes: Path = MODES) -> None:
        self._modes = {
            pair: path for path in sorted(modes.glob("*.mode")) if (pair := _pair(path)) and _complete(path)
        }
        self._pipelines: dict[tuple[str, str], Pipeline] = {}

    def pairs(self) -> list[Pair]:
        """One for each public mode file."""
        return [Pair(*pair, quality=MEASURED.get(pair, 0.0), cost_ms=COST_MS) for pair in self._modes]

    async def warm(self, pairs: list[Pair]) -> None:
        """Start the pipelines of these pairs."""
        for pair in pairs:
            try:
                await self._pipeline(pair.source, pair.target).run(PROBE)
            except MeshError as exc:
                log.warning("pair not warm", source=pair.source, target=pair.target, code=exc.code)

    async def translate(self, job: Job) -> str:
        """Plain text in, plain text out: no mark of Apertium is ever shown.

        Sentence by sentence, so that a long text lets others through between them.
        """
        pipeline = self._pipeline(job.source, job.target)
        out = [
            await self._sentence(pipeline, piece.text, job.target) if piece.speech else piece.text
            for piece in pieces(job.text, job.source)
        ]
        return "".join(out).strip()

    async def _sentence(self, pipeline: Pipeline, sentence: str, target: str) -> str:
        answer = await pipeline.run(escape(sentence))
        return mended(unescape(answer, sentence), sentence, target)

    async def close(self) -> None:
        """End all pipelines."""
        for pipeline in self._pipelines.values():
            await pipeline.stop()

    def _pipeline(self, source: str, target: str) -> Pipeline:
        key = (source, target)
        if key not in self._modes:
            raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"Apertium has no pair {source}-{target}")
        if key not in self._pipelines:
            self._pipelines[key] = Pipeline(stages(self._modes[key].read_text()))
        return self._pipelines[key]


def _pair(path: Path) -> tuple[str, str] | None:
    match = MODE_FILE.match(path.name)
    if match is None:
        return None
    source, target = (CODES.get(code, code) for code in match.groups())
    return (source, target)


def _complete(path: Path) -> bool:
    """Whether every program of a mode is installed; what is missing is told with its package."""
    programs = {command[0] for command in stages(path.read_text())}
    missing = sorted(program for program in programs if shutil.which(program) is None)
    if missing:
        packages = [PROGRAM_PACKAGES.get(program, "apertium") for program in missing]
        log.warning("pair left out: a program is missing", mode=path.name, install=packages)
    return not missing


def stages(mode: str) -> list[list[str]]:
    """The commands of a mode file, in null-flush mode, as `apertium` itself would start them."""
    commands = []
    for stage in mode.strip().split("|"):
        words = [w for w in shlex.split(stage) if w != "$2"]
        # $1 is the generator's option; -g shows unknown words with a mark, which `unescape` takes away.
        words = ["-g" if w == "$1" else w for w in words]
        commands.append([words[0], "-z", *words[1:]])
    return commands
