"""Fetch a model into the folder: from the first source that has it, whole or not at all."""

import fcntl
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dragoman_models import sources
from dragoman_models.catalogue import Catalogue, Model, Source, load
from dragoman_models.errors import ModelError, SourceError
from dragoman_models.folder import ModelFolder, manifest, write_manifest
from dragoman_models.names import candidates
from dragoman_models.settings import ModelsSettings
from dragoman_models.sources import Work
from dragoman_models.transfer import Expected, Fetcher, Limits, Meter, Progress, verify, writing

Say = Callable[[str], None]
Begin = Callable[[Model], Progress]  # told which model, shows how much of it is there
STAGING = ".pulling"
SPARE = 64 << 20  # bytes that stay free
LOCK_S = 3600.0


@dataclass
class Puller:
    """Fetches models into one folder."""

    folder: ModelFolder
    known: Catalogue = field(default_factory=load)
    accepted: Collection[str] = ()  # licences
    allowed: bool = True  # to fetch at all
    limits: Limits = field(default_factory=Limits)
    reach_s: float = 10.0
    say: Say = lambda line: None

    @classmethod
    def of(cls, settings: ModelsSettings, say: Say = lambda line: None) -> "Puller":
        """One as the settings say."""
        folder = ModelFolder(settings.folder)
        return cls(folder, accepted=settings.accepted, allowed=settings.fetch, say=say)

    def ensure(self, wish: str, begin: Begin = lambda model: lambda done: None) -> Path:
        """The checked folder of a model by its name or pair, fetched when it is not there. Blocks.

        Raises:
            ModelError: it is unknown, cannot be had, or is not there and nothing may be fetched.
        """
        if self._whole(wish):
            return self.folder.path / wish
        meant = candidates(wish, self.known)
        for model in meant:
            if self._whole(model.name):
                return self.folder.path / model.name
        if not self.allowed:
            raise ModelError(f"model '{wish}' is not installed, and DRAGOMAN_MODELS_FETCH is off")
        return self.pull(meant[0], begin)

    def pull(self, model: Model, begin: Begin = lambda model: lambda done: None) -> Path:
        """Make a model available; its checked folder. Blocks.

        Raises:
            ModelError: its licence is not accepted, no source has it, or it cannot be written.
        """
        if self._whole(model.name):
            return self.folder.path / model.name
        self._licence(model)
        staging = self.folder.path / STAGING
        with writing(self.folder.path):
            staging.mkdir(parents=True, exist_ok=True)
            with _locked(staging / f"{model.name}.lock", self.say):
                if not self._whole(model.name):  # another process was quicker
                    self._fetch(model, staging / model.name, begin(model))
        return self.folder.path / model.name

    def _whole(self, name: str) -> bool:
        try:
            self.folder.checked(name)
        except ModelError:
            return False
        return True

    def _licence(self, model: Model) -> None:
        if not model.commercial and model.licence not in self.accepted and "*" not in self.accepted:
            raise ModelError(
                f"{model.name} is under {model.licence}, not for commercial use: accept it with "
                f"--accept-licence or DRAGOMAN_MODELS_ACCEPT_LICENCES={model.licence}"
            )

    def _fetch(self, model: Model, staging: Path, progress: Progress) -> None:
        self._room(model)
        reasons: list[str] = []
        for source in model.sources:
            fetcher = Fetcher(self.limits, Meter(progress))
            work = Work(model, staging / "parts", staging / "whole", fetcher, self.reach_s)
            try:
                self._from(source, work)
            except SourceError as exc:
                reasons.append(f"{source.kind}: {exc}")
            except ModelError:
                shutil.rmtree(staging, ignore_errors=True)
                raise
            else:
                self._install(model, staging)
                return
        raise ModelError(f"{model.name} could not be fetched: {'; '.join(reasons) or 'it has no source'}")

    def _from(self, source: Source, work: Work) -> None:
        shutil.rmtree(work.whole, ignore_errors=True)
        work.whole.mkdir(parents=True)
        sources.fetch(source, work)
        for file in work.model.files:
            verify(work.whole / file.path, Expected(file.size, file.sha256), file.path)

    def _install(self, model: Model, staging: Path) -> None:
        """Put the finished folder in place; a process that uses the old one keeps what it has opened."""
        target, old = self.folder.path / model.name, staging / "old"
        write_manifest(manifest(model, staging / "whole"), staging / "whole")
        if target.exists():
            target.rename(old)
        (staging / "whole").rename(target)
        shutil.rmtree(staging, ignore_errors=True)

    def _room(self, model: Model) -> None:
        size = sum(source.size for source in model.sources[:1]) + model.size
        free = shutil.disk_usage(self.folder.path).free
        if free < size + SPARE:
            raise ModelError(
                f"no space left in {self.folder.path}: {model.name} needs {size / 1e6:.0f} MB "
                f"and {free / 1e6:.0f} MB are free"
            )


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
def _locked(path: Path, say: Say) -> Iterator[None]:
    """One process at a time fetches a model; the others wait for it."""
    with path.open("w") as file:
        until, told = time.monotonic() + LOCK_S, False
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
