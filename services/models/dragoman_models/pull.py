"""Fetch a model into the folder: from the first source that has it, whole or not at all."""

import fcntl
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dragoman_models import mirror, sources
from dragoman_models.catalogue import Catalogue, Model, Source, load
from dragoman_models.errors import Missing, ModelError, NotFetched, SourceError
from dragoman_models.first_sums import FirstSums
from dragoman_models.folder import ModelFolder, manifest, sha256, write_manifest
from dragoman_models.names import candidates
from dragoman_models.places import Net
from dragoman_models.settings import ModelsSettings
from dragoman_models.sources import Work
from dragoman_models.transfer import Expected, Fetcher, Limits, Meter, Progress, verify, writing

Say = Callable[[str], None]
Begin = Callable[[Model], Progress]  # told which model, shows how much of it is there
STAGING = ".pulling"
SPARE = 64 << 20  # bytes that stay free
LOCK_S = 3600.0
TRUST = "DRAGOMAN_MODELS_TRUST_FIRST_PULL=true"


def _silent(model: Model) -> Progress:
    return lambda done: None


@dataclass
class Puller:
    """Fetches models into one folder."""

    folder: ModelFolder
    known: Catalogue = field(default_factory=load)
    mirror: str = ""
    accepted: Collection[str] = ()  # licences
    allowed: bool = True  # to fetch at all
    limits: Limits = field(default_factory=Limits)
    say: Say = lambda line: None
    begin: Begin = _silent
    trusting: bool = True  # of files that no sum is known of, when they come for the first time

    def __post_init__(self) -> None:
        self._net = Net(self.limits)
        self._mirrored: dict[str, Model] | None = None

    @classmethod
    def of(
        cls, settings: ModelsSettings, say: Say = lambda line: None, limits: Limits | None = None
    ) -> "Puller":
        """One as the settings say."""
        folder, bounds = ModelFolder(settings.folder), limits or Limits()
        made = cls(folder, load(), settings.mirror, settings.accepted, settings.fetch, bounds, say)
        made.trusting = settings.trust_first_pull
        return made

    def meant(self, wish: str) -> list[Model]:
        """The models that a name or a pair means: those of the mirror first, then the best first.

        Raises:
            ModelError: nothing has that name.
        """
        found = candidates(wish, self.everything())
        return sorted(found, key=lambda model: model.name not in self._of_mirror())

    def everything(self) -> Catalogue:
        """Return the catalogue with the models that only the mirror or the folder has."""
        here = {model.name: model for model in self.folder.installed()}
        return Catalogue({**here, **self._of_mirror(), **self.known.models})

    def ensure(self, wish: str) -> Path:
        """The checked folder of a model by its name or pair, fetched when it is not there. Blocks.

        Of a pair the best model is fetched that can be; any of its models that is there will do.

        Raises:
            ModelError: it is unknown, cannot be had, or is not there and nothing may be fetched.
        """
        return self._there(wish) or self._first(wish, self.meant(wish))

    def _there(self, wish: str) -> Path | None:
        """Without asking anybody."""
        if self._whole(wish):
            return self.folder.path / wish
        here = {model.name: model for model in self.folder.installed()}
        with suppress(ModelError):
            for model in candidates(wish, Catalogue({**here, **self.known.models})):
                if self._whole(model.name):
                    return self.folder.path / model.name
        return None

    def _first(self, wish: str, meant: list[Model]) -> Path:
        problem: ModelError | None = None
        for model in meant:
            try:
                path = self.pull(model)
            except ModelError as exc:
                problem = problem or exc
            else:
                if problem is not None:
                    self.say(f"{wish}: {model.name}, because {problem}")
                return path
        raise problem or ModelError(f"nothing serves '{wish}'")

    def pull(self, model: Model) -> Path:
        """Make a model available; its checked folder. Blocks.

        Raises:
            ModelError: its licence is not accepted, no source has it, or it cannot be written.
        """
        if self._whole(model.name):
            return self.folder.path / model.name
        if not self.allowed:
            raise ModelError(f"model '{model.name}' is not installed, and DRAGOMAN_MODELS_FETCH is off")
        self._licence(model)
        staging = self.folder.path / STAGING
        with writing(self.folder.path):
            staging.mkdir(parents=True, exist_ok=True)
            with _locked(staging / f"{model.name}.lock", self.say, self.limits):
                if not self._whole(model.name):  # another process was quicker
                    self._fetch(model, staging / model.name)
        return self.folder.path / model.name

    def _whole(self, name: str) -> bool:
        return name in self.folder.names() and not self.folder.problem(name)

    def _licence(self, model: Model) -> None:
        if not model.commercial and model.licence not in self.accepted and "*" not in self.accepted:
            raise ModelError(
                f"{model.name} is under {model.licence}, not for commercial use: accept it with "
                f"--accept-licence or DRAGOMAN_MODELS_ACCEPT_LICENCES={model.licence}"
            )

    def _fetch(self, model: Model, staging: Path) -> None:
        self._room(model)
        progress = _once_it_comes(lambda: self.begin(model))
        reasons: list[str] = []
        for source in (None, *model.sources):  # None = the mirror
            if source is None and not self.mirror:
                continue
            fetcher = Fetcher(self.limits, Meter(progress))
            work = Work(model, staging / "parts", staging / "whole", fetcher, self._net)
            try:
                self._from(source, work)
            except SourceError as exc:
                reasons.append(_reason(source, exc))
            except ModelError:
                shutil.rmtree(staging, ignore_errors=True)
                raise
            else:
                self._install(model, staging)
                return
        raise NotFetched(model.name, reasons)

    def _from(self, source: Source | None, work: Work) -> None:
        if source is not None and not self.trusting and not self._sums_known(work.model, source):
            raise SourceError(f"no sums are known of its files: {TRUST} takes them as they come, once")
        if source is None:
            source, work.model = mirror.source(self.mirror, work.model, self._net, work.fetcher)
        with writing(self.folder.path):
            shutil.rmtree(work.whole, ignore_errors=True)
            work.whole.mkdir(parents=True)
            sources.fetch(source, work)
        for file in work.model.files:
            verify(work.whole / file.path, Expected(file.size, file.sha256), file.path)
        FirstSums(self.folder.path).check(work.model.name, _unpinned(work.model, work.whole))

    def _sums_known(self, model: Model, source: Source) -> bool:
        return model.pinned_by(source) or FirstSums(self.folder.path).has(model.name)

    def _of_mirror(self) -> dict[str, Model]:
        """Asked once; a mirror need not have a catalogue."""
        if self._mirrored is None:
            self._mirrored = {}
            if self.mirror and self.allowed:
                with suppress(SourceError):
                    self._mirrored = mirror.catalogue(self.mirror, self._net, Fetcher(self.limits))
        return self._mirrored

    def _install(self, model: Model, staging: Path) -> None:
        """Put the finished folder in place; a process that uses the old one keeps what it has opened."""
        target, old = self.folder.path / model.name, staging / "old"
        made = manifest(model, staging / "whole")
        write_manifest(made, staging / "whole")
        with writing(self.folder.path):
            FirstSums(self.folder.path).keep(model, {file.path: file.sha256 for file in made.files})
        if target.exists():
            target.rename(old)
        (staging / "whole").rename(target)
        shutil.rmtree(staging, ignore_errors=True)

    def _room(self, model: Model) -> None:
        packed = max((source.size for source in model.sources), default=0)
        there = sum(f.stat().st_size for f in self._parts(model).glob("*") if f.is_file())
        size = packed + model.size - there
        free = shutil.disk_usage(self.folder.path).free
        if free < size + SPARE:
            raise ModelError(
                f"no space left in {self.folder.path}: {model.name} needs {size / 1e6:.0f} MB "
                f"and {SPARE / 1e6:.0f} MB to spare, {free / 1e6:.0f} MB are free"
            )

    def _parts(self, model: Model) -> Path:
        return self.folder.path / STAGING / model.name / "parts"


def _unpinned(model: Model, folder: Path) -> dict[str, str]:
    """The sums of files that the entry has none of."""
    pinned = {file.path for file in model.files if file.sha256}
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: sha256(path) for name, path in found.items() if name not in pinned}


def _once_it_comes(begin: Callable[[], Progress]) -> Progress:
    """Shows nothing of a source that gives nothing."""
    begun: list[Progress] = []

    def progress(done: int) -> None:
        if done and not begun:
            begun.append(begin())
        if begun:
            begun[0](done)

    return progress


def _reason(source: Source | None, exc: SourceError) -> str:
    kind = source.kind if source else "mirror"
    return f"the {kind} has it not" if isinstance(exc, Missing) else f"{kind}: {exc}"


def remove(folder: ModelFolder, name: str) -> None:
    """Delete an installed model; a process that uses it goes on with what it has loaded.

    Raises:
        ModelError: it is not there, or cannot be deleted.
    """
    path = folder.path / name
    if name not in folder.names():
        raise ModelError(f"model '{name}' is not installed")
    gone = folder.path / STAGING / f"{name}.gone"
    with writing(folder.path):
        gone.parent.mkdir(exist_ok=True)
        shutil.rmtree(gone, ignore_errors=True)
        path.rename(gone)
        shutil.rmtree(gone)


@contextmanager
def _locked(path: Path, say: Say, limits: Limits) -> Iterator[None]:
    """One process at a time fetches a model; the others wait for it."""
    with path.open("w") as file:
        until, told = min(time.monotonic() + LOCK_S, limits.until), False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise ModelError(f"another process fetches it for too long: {path}") from None
            if not told:
                say(f"{path.stem}: another process fetches it; waiting for that")
                told = True
            time.sleep(0.1)
        yield
