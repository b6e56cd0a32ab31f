"""The `dragoman` command."""

import contextlib
import json
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dragoman_cli import admin, bench, client, dlq, doctor, job, keys, mesh, models, pair, rest, size
from dragoman_cli.audio import AudioError, check_target, read_file
from dragoman_cli.backup import commands as backup
from dragoman_cli.browser_link import LinkError, browser_link
from dragoman_cli.data_folder import data_folder
from dragoman_cli.mesh_options import SERVICES, MeshOptions
from dragoman_cli.processes import StartError
from dragoman_cli.wanted_models import MODELS, Say, best_target, fetch
from dragoman_models.errors import ModelError

app = typer.Typer(
    help="Self-hosted, real-time speech translation.",
    epilog="Example: dragoman up, and in another terminal: dragoman translate speech.wav --to es-ES",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)
app.add_typer(keys.app, name="keys")
app.add_typer(admin.app, name="accounts")
app.add_typer(dlq.app, name="dlq")
app.add_typer(models.app, name="models")
app.command(epilog=bench.epilog())(bench.bench)
app.command(epilog="Example: dragoman backup 'backups/%Y-%m-%d.tar.gz' --keep 14")(backup.backup)
app.command(epilog="Example: dragoman restore backups/2026-11-27.tar.gz")(backup.restore)
app.command(epilog="Example: dragoman size --speakers 400 --languages 3 > values.yaml")(size.size)
FAST = 1.9  # the edge takes twice real time


@app.command(
    epilog="Examples: dragoman up    dragoman up --replicas stt=2,edge=2    dragoman up --ready-json",
)
def up(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the edge; 0 = any free one")] = 8080,
    admin_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the accounts REST API; 0 = any free one")
    ] = 0,
    nats_port: Annotated[
        int, typer.Option(min=-1, max=65535, help="Port of the bus; -1 = any free one")
    ] = -1,
    nats_nodes: Annotated[int, typer.Option(min=1, max=3, help="Nodes of the bus; 3 = one may be lost")] = 1,
    redis_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the store; 0 = any free one")
    ] = 0,
    data: Annotated[Path | None, typer.Option(help="Folder of data and logs")] = None,
    replicas: Annotated[str, typer.Option(help="Processes of a service, e.g. stt=2,edge=2")] = "",
    ready_json: Annotated[bool, typer.Option(help="Print one JSON line when all is ready")] = False,
    restart: Annotated[bool, typer.Option(help="Start a service again that has died")] = True,
    set_: Annotated[list[str] | None, typer.Option("--set", help="E.g. DRAGOMAN_STT_BEAM=1")] = None,
) -> None:
    """Run the whole mesh on this machine until Ctrl-C."""
    console = Console(stderr=True)
    options = MeshOptions(
        folder=data or data_folder(),
        port=port,
        admin_port=admin_port,
        nats_port=nats_port,
        nats_nodes=nats_nodes,
        redis_port=redis_port,
        replicas=_replicas(replicas),
        environment=_settings(set_ or []),
        restart=restart,
        models=MODELS,
    )
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with mesh.running(options, _teller(console)) as live:
            _announce(live, ready_json, console, options)
            while True:
                time.sleep(0.5)
                live.watch()
    except KeyboardInterrupt:
        console.print("stopped", style="dim")


def _teller(console: Console) -> Say:
    """Shows what the mesh does; the text may hold a log, which is never markup."""
    return partial(console.print, style="dim", markup=False, highlight=False)


def _announce(live: mesh.Mesh, ready_json: bool, console: Console, options: MeshOptions) -> None:
    state = live.state()
    if ready_json:
        print(json.dumps(state), flush=True)
        return
    say = partial(console.print, highlight=False, soft_wrap=True)
    say(f"\n[bold]ready[/bold]  {state['edge']}   key {live.key}")
    with contextlib.suppress(LinkError):
        say(f"open it in a browser (once):  {browser_link(str(state['edge']), live.key)}")
    say("accounts, credits, live sessions:  dragoman open --admin", style="dim")
    say(f"logs and data in {escape(str(options.folder))}", style="dim")
    say("try it:  dragoman translate speech.wav --from en-US --to es-ES --out out.wav\n", style="dim")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _replicas(text: str) -> dict[str, int]:
    try:
        pairs = [item.split("=") for item in text.split(",") if item]
        counts = {name.strip(): int(count) for name, count in pairs}
    except ValueError:
        raise typer.BadParameter("write it as stt=2,edge=2") from None
    for name, count in counts.items():
        if name not in SERVICES or count < 1:
            raise typer.BadParameter(f"{name}={count}: use {', '.join(SERVICES)} and at least 1")
    return counts


def _settings(items: list[str]) -> dict[str, str]:
    for item in items:
        if not item.startswith("DRAGOMAN_") or "=" not in item:
            raise typer.BadParameter(f"{item}: write it as DRAGOMAN_NAME=value")
    return dict(item.split("=", 1) for item in items)


@app.command(
    epilog="Examples: dragoman translate talk.wav --from en-US --to es-ES --out talk-es.wav    "
    "arecord -f S16_LE -r 16000 | dragoman translate - --from en-US --to es-ES",
)
def translate(
    file: Annotated[str, typer.Argument(help="WAV, FLAC, OGG or MP3; - = raw PCM 16 kHz on standard input")],
    source: Annotated[str, typer.Option("--from", help="Spoken language, e.g. en-US")] = "en-US",
    target: Annotated[str, typer.Option("--to", help="Wanted language, e.g. es-ES")] = "es-ES",
    voice: Annotated[str, typer.Option(help="male, female or a voice id")] = "female",
    out: Annotated[Path | None, typer.Option(help="Where the translated speech goes (WAV)")] = None,
    fast: Annotated[bool, typer.Option(help="Nearly twice real time, the most the edge takes")] = False,
    speed: Annotated[
        float, typer.Option(min=0.1, max=100, help="Multiple of real time; see DRAGOMAN_EDGE_MAX_SPEED")
    ] = 1.0,
    interim: Annotated[bool, typer.Option(help="Show interim transcripts")] = True,
    url: Annotated[str, typer.Option(envvar="DRAGOMAN_URL", help="The edge; else the local mesh")] = "",
    key: Annotated[str, typer.Option(envvar="DRAGOMAN_KEY", help="API key; else the local mesh's")] = "",
) -> None:
    """Stream speech through the mesh; show what was said and what it means; keep the translated speech."""
    url, key, known = _mesh_of(url, key)
    check_target(out)
    wish = client.Wish(source, target, voice, resume=True)
    work = job.Job(job.load(file), wish, FAST if fast else speed, interim)
    # Whose account a foreign key is of, nobody can tell.
    admin = rest.Admin(**known["admin"]) if key == known.get("key") else None
    job.perform(work, url, key, out, admin, Console())


@app.command(epilog="Examples: dragoman demo    dragoman demo --wav speech.wav --from en-US --to es-ES")
def demo(
    wav: Annotated[Path | None, typer.Option(help="Your own speech instead of ours")] = None,
    source: Annotated[str, typer.Option("--from")] = "en-US",
    target: Annotated[
        str,
        typer.Option("--to", help="Wanted language; else Spanish if a model can be had, or Portuguese"),
    ] = "",
    voice: Annotated[str, typer.Option(help="male, female or a voice id")] = "female",
    out: Annotated[Path, typer.Option(help="Where the translated speech goes")] = Path("out/demo.wav"),
) -> None:
    """Start a mesh, stream speech through it at real-time pace, show the results, stop it."""
    console = Console()
    fetch(MODELS, _teller(console))  # its voice speaks the sample
    target = target or best_target(source, _teller(console))
    signal.signal(signal.SIGTERM, _interrupt)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    check_target(out)
    with tempfile.TemporaryDirectory(prefix="dragoman-") as scratch:
        folder = Path(scratch)
        pcm = read_file(wav or _spoken(folder))
        with mesh.running(MeshOptions(folder / "mesh", port=0), _teller(console)) as live:
            state: Any = live.state()
            console.print(f"\n[bold]{source} → {target}[/bold] through {state['edge']}", highlight=False)
            work = job.Job(pcm, client.Wish(source, target, voice))
            good = job.perform(work, state["edge"], live.key, out, rest.Admin(**state["admin"]), console)
    if not good:
        console.print("nothing was translated", style="red")
        raise typer.Exit(1)


def _mesh_of(url: str, key: str) -> tuple[str, str, dict[str, Any]]:
    """The edge and key that were given, else those of the mesh that runs here; what is known of that one."""
    known = rest.running_mesh()
    url, key = url or known.get("edge", ""), key or known.get("key", "")
    if not url or not key:
        raise rest.RestError("no mesh runs here: start `dragoman up`, or give --url and --key")
    return url, key, known


def _spoken(folder: Path) -> Path:
    from dragoman_tts.demo import make_demo_wav

    return make_demo_wav(folder / "demo.wav")


@app.command("open", epilog="Examples: dragoman open    DRAGOMAN_URL=https://host dragoman open")
def open_(
    url: Annotated[str, typer.Option(envvar="DRAGOMAN_URL", help="The edge; else the local mesh")] = "",
    key: Annotated[str, typer.Option(envvar="DRAGOMAN_KEY", help="API key; else the local mesh's")] = "",
    show_admin: Annotated[
        bool, typer.Option("--admin", help="Instead the admin page and its token, of the local mesh")
    ] = False,
) -> None:
    """Print a link that opens the playground in a browser and signs it in; it works once."""
    if show_admin:
        known = rest.running_mesh().get("admin")
        if not known:
            raise rest.RestError("no mesh runs here: start `dragoman up`")
        print(f"{known['url']}/\nadmin token: {known['token']}")
        return
    url, key, _ = _mesh_of(url, key)
    print(browser_link(url, key))


@app.command("doctor", epilog="Examples: dragoman doctor    dragoman doctor --pair en-es")
def check(
    pair_: Annotated[
        str, typer.Option("--pair", help="Only how this pair is translated, e.g. en-es or en-US:pt-BR")
    ] = "",
) -> None:
    """List installed and missing parts, each with the command that installs it."""
    if pair_:
        served = pair.examine(pair_)
        Console(soft_wrap=True, highlight=False, markup=False).print(*pair.lines(served), sep="\n")
        raise typer.Exit(0 if served.chain else 1)
    table = Table("", "what", "found", "do")
    findings = doctor.examine()
    for finding in findings:
        mark = "[green]✓[/green]" if finding.right else "[red]✗[/red]"
        table.add_row(mark, finding.what, finding.found, "" if finding.right else finding.remedy)
    Console().print(table)
    if not all(finding.right for finding in findings):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; what people can mend is told in one line."""
    try:
        app()
    except (
        StartError,
        client.TranslateError,
        rest.RestError,
        AudioError,
        bench.BenchError,
        ModelError,
        LinkError,
    ) as exc:
        line = f"dragoman: {exc}"
        Console(stderr=True).print(line, style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
