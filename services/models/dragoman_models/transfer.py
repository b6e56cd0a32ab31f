"""One file from a place to this machine: resumed, retried within bounds, checked as a whole."""

import errno
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dragoman_models.errors import Broken, ModelError, SourceError
from dragoman_models.folder import sha256 as digest

BLOCK = 1 << 18
LARGEST = 40 << 30  # bytes of a file whose size nobody tells
SLOWEST = 1024  # bytes a second; less than this for a while is standing still
Progress = Callable[[int], None]  # bytes of the model that are there
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits of transfers, in seconds; `until` is a time of the monotonic clock."""

    connect_s: float = 3.0  # to the first host
    connect_later_s: float = 3.0  # to each other one, when that time is used up
    index_s: float = 10.0  # until a package index must have answered
    stall_s: float = 20.0
    tries: int = 4
    backoff_s: float = 0.5
    until: float = float("inf")

    def check(self) -> None:
        """Raises SourceError when the time for all of it is over."""
        if time.monotonic() > self.until:
            raise SourceError("it takes too long; the next pull goes on where this one stopped")


@dataclass(frozen=True, slots=True)
class Opened:
    """A transfer that has begun: where it begins, the size of the whole file (0 = not told), its bytes."""

    offset: int
    size: int
    blocks: Iterator[bytes]


class Place(Protocol):
    """Holds files by name: a web site, a folder, an object store."""

    @property
    def address(self) -> str:
        """For messages, without secrets."""

    def open(self, name: str, offset: int = 0) -> AbstractContextManager[Opened]:
        """Begin to read a file, at `offset` where the place can.

        Raises:
            SourceError: Missing, Unreachable, Broken, or something else that is told.
        """


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected size and sums of a file; 0 and empty = not known. `git` is the sha1 of a git blob."""

    size: int = 0
    sha256: str = ""
    git: str = ""


@dataclass
class Meter:
    """Counts the bytes of a model for whoever shows them."""

    progress: Progress = lambda done: None
    done: int = 0

    def add(self, count: int) -> None:
        """Add bytes that arrived, or subtract bytes that were thrown away."""
        self.done += count
        self.progress(self.done)


@dataclass
class Fetcher:
    """Brings files within limits."""

    limits: Limits = field(default_factory=Limits)
    meter: Meter = field(default_factory=Meter)

    def fetch(self, place: Place, name: str, target: Path, wanted: Expected) -> None:
        """Bring a whole file to `target`; an earlier try's `.part` is gone on with. Blocks.

        Raises:
            SourceError: the place does not give it, or gives something else.
            ModelError: it cannot be written.
        """
        part = target.with_name(f"{target.name}.part")
        with writing(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            resumed = part.exists()
            self.meter.add(size_of(part))
            self._all_of_it(place, name, part, wanted)
            try:
                verify(part, wanted, f"{place.address} {name}")
            except SourceError:
                self.meter.add(-size_of(part))
                part.unlink()
                if not resumed:
                    raise
                self.fetch(place, name, target, wanted)  # what was there before was of something else
                return
            part.replace(target)

    def read(self, place: Place, name: str, limit: int) -> bytes:
        """A small file.

        Raises:
            SourceError: as `Place.open`, or it is larger than `limit` bytes.
        """
        data = bytearray()
        with place.open(name) as opened:
            for block in self._paced(opened.blocks):
                data += block
                if len(data) > limit:
                    raise SourceError(f"{place.address} {name} is larger than {limit} bytes")
        return bytes(data)

    def _all_of_it(self, place: Place, name: str, part: Path, wanted: Expected) -> None:
        for left in reversed(range(self.limits.tries)):
            try:
                self._go_on(place, name, part, wanted)
            except Broken:
                if not left:
                    raise
                time.sleep(self.limits.backoff_s * 2 ** (self.limits.tries - left - 1))
            else:
                return

    def _go_on(self, place: Place, name: str, part: Path, wanted: Expected) -> None:
        have = size_of(part)
        if wanted.size and have >= wanted.size:
            return
        with place.open(name, have) as opened:
            if wanted.size and opened.size and opened.size != wanted.size:
                raise SourceError(f"{place.address} {name} has {opened.size} bytes, expected {wanted.size}")
            if opened.offset != have:
                self.meter.add(-have)
            limit = wanted.size or opened.size or LARGEST
            with part.open("ab" if opened.offset == have else "wb") as out:
                done = have if opened.offset == have else 0
                for block in self._paced(opened.blocks):
                    done += len(block)
                    if done > limit:
                        raise SourceError(f"{place.address} {name} is larger than {limit} bytes")
                    out.write(block)
                    self.meter.add(len(block))
        if opened.size and done < opened.size:
            raise Broken(f"{place.address} {name} ended after {done} of {opened.size} bytes")

    def _paced(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The same blocks, unless they come so slowly that it is no transfer."""
        began, count = time.monotonic(), 0
        for block in blocks:
            self.limits.check()
            yield block
            count += len(block)
            passed = time.monotonic() - began
            if passed > self.limits.stall_s:
                if count < SLOWEST * passed:
                    raise Broken(f"only {count} bytes came in {passed:.0f} s")
                began, count = time.monotonic(), 0


def verify(path: Path, wanted: Expected, what: str) -> None:
    """Compare a file with all that is known of it.

    Raises:
        SourceError: it differs.
    """
    size = path.stat().st_size if path.exists() else 0
    if wanted.size and size != wanted.size:
        raise SourceError(f"{what} has {size} bytes, expected {wanted.size}")
    if wanted.sha256 and (got := digest(path)) != wanted.sha256:
        raise SourceError(f"{what} has sha256 {got}, expected {wanted.sha256}")
    if wanted.git and (got := git_sum(path)) != wanted.git:
        raise SourceError(f"{what} has git sum {got}, expected {wanted.git}")


def git_sum(path: Path) -> str:
    """The sha1 that git gives a file; a hub tells it of files that it keeps in git."""
    made = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            made.update(block)
    return made.hexdigest()


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 when there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def writing(folder: Path, remedy: str = "set DRAGOMAN_MODELS_DIR") -> Iterator[None]:
    """Errors of the file system as ModelError, which no other source would mend."""
    try:
        yield
    except OSError as exc:
        if exc.errno in _FULL:
            raise ModelError(f"no space left in {folder}: make room, or {remedy}") from exc
        if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            why = f"{folder} cannot be written to ({exc.strerror})"
            raise ModelError(f"{why}; {remedy}") from exc
        raise ModelError(f"{folder}: {exc.strerror or exc}") from exc
