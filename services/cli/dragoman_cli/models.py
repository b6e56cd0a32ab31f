"""`dragoman models`: what there is, what is installed, and how it gets here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from dragoman_models import mirror as mirrors
from dragoman_models import names
from dragoman_models.catalogue import Model
from dragoman_models.errors import ModelError
from dragoman_models.folder import ModelFolder
from dragoman_models.pull import Puller
from dragoman_models.pull import remove as remove_model
from dragoman_models.settings import read

app = typer.Typer(
    help="Models by name: recognisers, translators, voices.",
    epilog="Example: dragoman models list --to es",
    no_args_is_help=True,
)
Folder = Annotated[Path | None, typer.Option(help="Where models are kept; else DRAGOMAN_MODELS_DIR")]
Pairs = Annotated[str, typer.Option(help="More pairs, e.g. en-es,en-de")]
Licences = Annotated[
    bool, typer.Option("--accept-licence", help="Also models that are not for commercial use")
]


@app.command(
    "list",
    epilog="Examples: dragoman models list --kind translation --to es    dragoman models list --installed",
)
def list_models(
    kind: Annotated[str, typer.Option(help="recogniser, translator, voice, speaker-encoder …")] = "",
    source: Annotated[str, typer.Option("--from", help="Language it hears or translates from")] = "",
    target: Annotated[str, typer.Option("--to", help="Language it translates to or speaks")] = "",
    installed: Annotated[bool, typer.Option("--installed", help="Only what is here")] = False,
    folder: Folder = None,
) -> None:
    """List models with their quality, licence, and whether they are installed."""
    here = {model.name for model in _folder(folder).installed()}
    puller = _puller(folder, False, Console(stderr=True))
    shown = names.filtered(puller.everything(), kind, source, target)
    table = Table("name", "kind", "languages", "chrF", "size", "licence", "here")
    for model in shown:
        if model.name in here or not installed:
            table.add_row(*_row(model), "[green]✓[/green]" if model.name in here else "")
    Console().print(table)


def _row(model: Model) -> tuple[str, ...]:
    told = [f"{a}→{b}" for a, b in model.directions] or list(model.languages)
    languages = ", ".join(told[:3]) + (f" … {len(told)}" if len(told) > 3 else "")
    licence = model.licence if model.commercial else f"{model.licence} (not commercial)"
    return model.name, model.kind, languages, _worth(model), f"{model.size / 1e6:.0f} MB", licence


def _worth(model: Model) -> str:
    best = max(model.quality, key=lambda quality: quality.chrf, default=None)
    if best is None or not best.chrf:
        return ""
    return f"{best.chrf:.0f}" if best.origin == "measured" else f"~{best.chrf:.0f}"


@app.command(epilog="Examples: dragoman models pull en-es es-en    dragoman models pull --pairs en-es,en-de")
def pull(
    wishes: Annotated[
        list[str] | None, typer.Argument(metavar="NAME…", help="Names, or pairs as en-es")
    ] = None,
    pairs: Pairs = "",
    accept_licence: Licences = False,
    folder: Folder = None,
) -> None:
    """Make models available and check their sums; a broken transfer is gone on with."""
    console = Console(stderr=True)
    puller = _puller(folder, accept_licence, console)
    wanted = [*(wishes or []), *names.pairs(pairs)]
    if not wanted:
        raise ModelError("say which: a name of `dragoman models list`, or a pair such as en-es")
    for wish, path in _fetched(puller, wanted, console).items():
        typer.echo(f"{wish}: {path} (sha256 right)")


def _fetched(puller: Puller, wanted: list[str], console: Console) -> dict[str, Path]:
    """The folders of all that is wanted, by the models' names; the first that cannot be had ends it."""
    for wish in wanted:
        puller.meant(wish)  # all are known before the first is fetched
    found = {}
    for wish in wanted:
        with _shown(console) as puller.begin:
            path = puller.ensure(wish)
        found[path.name] = path
    return found


@contextmanager
def _shown(console: Console) -> Iterator[Callable[[Model], Callable[[int], None]]]:
    """A bar for each model that is fetched, below a line with its size and licence."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:

        def begin(model: Model) -> Callable[[int], None]:
            size = (model.sources[0].size if model.sources else 0) or model.size
            line = f"{model.name}: {size / 1e6:.0f} MB, {model.licence}"
            console.print(line, style="dim", markup=False, highlight=False)
            task = progress.add_task(model.name, total=size or None)
            return lambda done: progress.update(task, completed=done)

        yield begin


@app.command(epilog="Example: dragoman models remove firefox-en-es-tiny")
def remove(
    wishes: Annotated[list[str], typer.Argument(metavar="NAME…", help="Names of installed models")],
    folder: Folder = None,
) -> None:
    """Delete models; what runs goes on with what it has loaded."""
    for name in wishes:
        remove_model(_folder(folder), name)
        typer.echo(f"{name}: removed")


@app.command(
    epilog="Examples: dragoman models mirror /srv/models    dragoman models mirror /srv/models en-es es-en",
)
def mirror(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that is then served or copied")],
    wishes: Annotated[
        list[str] | None, typer.Argument(metavar="NAME…", help="Names or pairs; else all that are installed")
    ] = None,
    pairs: Pairs = "",
    accept_licence: Licences = False,
    folder: Folder = None,
) -> None:
    """Write a mirror for DRAGOMAN_MODELS_MIRROR: what is named is fetched first."""
    console = Console(stderr=True)
    puller = _puller(folder, accept_licence, console)
    wanted = [*(wishes or []), *names.pairs(pairs)]
    found = _fetched(puller, wanted, console)
    models = [model for model in puller.folder.installed() if not wanted or model.name in found]
    if not models:
        raise ModelError("no model is installed: name some, or pull them first")
    mirrors.write(models, puller.folder, target, typer.echo)


@app.command(epilog="Example: dragoman models verify")
def verify(folder: Folder = None) -> None:
    """Compare everything that is installed with its sums; exit status 1 when something differs."""
    verdicts = _folder(folder).verify()
    for verdict in verdicts:
        typer.echo(verdict.problem or f"{verdict.name}: right")
    if any(verdict.problem for verdict in verdicts):
        raise typer.Exit(1)


def _folder(given: Path | None) -> ModelFolder:
    return ModelFolder(given or read().folder)


def _puller(folder: Path | None, accept: bool, console: Console) -> Puller:
    puller = Puller.of(read(), lambda line: console.print(line, style="dim", markup=False))
    puller.folder = _folder(folder)
    puller.allowed = True
    if accept:
        puller.accepted = {"*"}
    return puller
