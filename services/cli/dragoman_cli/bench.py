"""`dragoman bench`: how many sessions a deployment carries, and how late its results are."""

import asyncio
import json
import tempfile
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from dragoman_cli import rest
from dragoman_cli.audio import read_file
from dragoman_cli.load.speaker import WishError, Wishes
from dragoman_cli.load.speakers import DIALECTS, SPEAKERS

if TYPE_CHECKING:  # its packages are an extra
    from dragoman_cli.load.load import Outcome

SHOWN = (
    ("open", "session open"),
    ("first interim", "first words after they are begun"),
    ("final", "final after the end of speech"),
    ("translation after final", "translation after the final"),
    ("first audio after final", "first audio after the final"),
    ("first audio", "first audio after the end of speech"),
)
PAUSE_S = 1.2
# Of each dialect: options of an example, and what its API does not tell or does otherwise.
EXAMPLES = {
    "native": ("--to es-ES --to fr-FR", "several languages; all figures"),
    "krisp": ("--dialect krisp --to fr-FR", "nothing of first words"),
    "pinch": ("--dialect pinch --to fr-FR", "finals and first words have no times"),
    "kallglot": ("--dialect kallglot --to fr-FR", "finals have no times"),
    "sarvam": ("--dialect sarvam", "recognition alone, without times"),
    "vas": ("--dialect vas --to es-ES --to fr-FR", "as pinch; speech by the sentence"),
}


def epilog() -> str:
    """The end of `--help`: each paragraph is a line there."""
    told = (f"{name}: dragoman bench {options}  ({note})" for name, (options, note) in EXAMPLES.items())
    usual = "Examples: dragoman bench    dragoman bench --sessions 10,50 --url https://… --key …"
    return "\n\n".join([usual, *told])


class BenchError(Exception):
    """Nothing can be measured; the message is for people."""


def _known(dialect: str) -> str:
    if dialect not in DIALECTS:
        raise typer.BadParameter(f"unknown dialect '{dialect}'; known: {', '.join(DIALECTS)}")
    return dialect


def bench(
    sessions: Annotated[str, typer.Option(help="How many speakers at once; several: 1,5,10")] = "1,2,4",
    dialect: Annotated[str, typer.Option(callback=_known, help=f"The API: {', '.join(DIALECTS)}")] = "native",
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="Measured at each level")] = 20,
    frame_ms: Annotated[int, typer.Option(min=10, max=1000, help="Length of the speakers' frames")] = 20,
    wav: Annotated[Path | None, typer.Option(help="Speech to send; else the demo's")] = None,
    source: Annotated[str, typer.Option("--from")] = "en-US",
    target: Annotated[list[str] | None, typer.Option("--to", help="May be given several times")] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Of the load generator")] = 1,
    url: Annotated[str, typer.Option(envvar="DRAGOMAN_URL", help="The edge; else the local mesh")] = "",
    key: Annotated[str, typer.Option(envvar="DRAGOMAN_KEY", help="API key; else the local mesh's")] = "",
    out: Annotated[Path | None, typer.Option("--json", help="Write all figures here")] = None,
) -> None:
    """Send speech of many speakers at real-time pace; report delays since a frame was due."""
    if find_spec("picows") is None or find_spec("hdrh") is None:
        raise BenchError("the load generator is an extra: install dragoman[bench]")
    known = rest.running_mesh()
    url, key = url or known.get("edge", ""), key or known.get("key", "")
    if not url or not key:
        raise BenchError("no mesh runs here: start `dragoman up`, or give --url and --key")
    wishes = Wishes(source, tuple(target or ["es-ES"]))
    _must_be_possible(dialect, wishes)
    with tempfile.TemporaryDirectory() as folder:
        plan = {
            "url": url,
            "key": key,
            "audio": _speech(Path(folder), wav),
            "dialect": dialect,
            "frame_ms": frame_ms,
            "seconds": seconds,
            "wishes": asdict(wishes),
        }
        watch = known.get("pids", {}) if known.get("edge") == url else {}
        outcomes = [_level(plan, level, processes, watch) for level in _levels(sessions)]
    if out is not None:
        out.write_text(json.dumps(_report(outcomes), indent=1) + "\n")


def _must_be_possible(dialect: str, wishes: Wishes) -> None:
    try:
        SPEAKERS[dialect]("", "", wishes)
    except WishError as exc:
        raise typer.BadParameter(f"--dialect {dialect}: {exc}") from None


def _levels(text: str) -> list[int]:
    try:
        levels = [int(part) for part in text.split(",")]
    except ValueError:
        levels = []
    if not levels or min(levels) < 1:
        raise typer.BadParameter("write --sessions as 1,5,10")
    return levels


def _speech(folder: Path, wav: Path | None) -> str:
    """A file of raw speech with a pause at its end."""
    if wav is None:
        if find_spec("dragoman_tts") is None:
            raise BenchError("the demo's speech is not installed (dragoman[mesh]): give --wav")
        from dragoman_tts.demo import make_demo_wav

        wav = make_demo_wav(folder / "demo.wav")
    path = folder / "speech.pcm"
    path.write_bytes(read_file(wav) + bytes(int(32_000 * PAUSE_S)))
    return str(path)


def _level(plan: dict[str, Any], sessions: int, processes: int, watch: dict[str, list[int]]) -> "Outcome":
    from dragoman_cli.load.load import LoadError, load
    from dragoman_cli.load.plan import Plan

    console = Console()
    with console.status(f"{sessions} sessions, {plan['seconds']:.0f} s"):
        try:
            outcome = asyncio.run(load(Plan(**plan, sessions=sessions), processes, watch))
        except LoadError as exc:
            raise BenchError(str(exc)) from exc
    _show(outcome, console)
    return outcome


def _show(outcome: "Outcome", console: Console) -> None:
    title = f"{outcome.sessions} of {outcome.plan.sessions} sessions"
    table = Table("", "count", "p50", "p90", "p99", "max", title=title, title_justify="left")
    for name, told in SHOWN:
        row = outcome.delays.summary().get(name)
        if row is not None:
            shown = [f"{1000 * row[column]:.0f} ms" for column in ("p50", "p90", "p99", "max")]
            table.add_row(told, f"{row['count']:.0f}", *shown)
    console.print(table)
    for name, cpu_s in outcome.cpu_s.items():
        memory = outcome.memory[name].own_bytes / 1e6
        console.print(f"  {name:12} {cpu_s / outcome.took_s:6.2f} cores  {memory:6.0f} MB", highlight=False)
    if outcome.results:
        told = ", ".join(f"{count} × {kind}" for kind, count in outcome.results.most_common())
        console.print(f"  came back: {told}", highlight=False)
    for reason, count in outcome.failed.most_common():
        console.print(f"  {count} × {reason}", style="red", markup=False)
    if outcome.sessions and not outcome.kept_up:
        advice = "the load generator was late: more --processes, or another machine for it"
        console.print(f"  {advice}", style="yellow")


def _report(outcomes: "list[Outcome]") -> dict[str, Any]:
    from dragoman_cli.load.usage import machine

    return {"machine": machine(), "levels": [outcome.as_json() for outcome in outcomes]}
