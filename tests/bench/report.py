"""The report of a benchmark run: targets, tables, plots.

python -m tests.bench.report out/bench --docs: puts it into docs/performance.md and docs/images.
"""

import argparse
import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import translated

Figures = dict[str, dict[str, Any]]  # by name: unit, value, rounds, spread
PAGE = Path("docs/performance.md")
IMAGES = Path("docs/images")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
# Measured by themselves as well: each has a place of its own.
APART = {
    name: (f"<!-- {name}: begin -->", f"<!-- {name}: end -->")
    for name in ("translation", "interpreter", "people", "speakers", "tasks", "recordings")
}
TITLES = {
    "edge": "The edge against a bare relay, and the mesh's own latency",
    "growth": "Growth",
    "job": "The whole job with real engines",
    "start": "Start",
    "pages": "Pages in the browser",
    "reliability": "Failures",
    "translation": "Translation",
    "recognition": "Recognition against the limit",
    "interpreter": "Translations and speech while one speaks",
    "people": "Recognition of people",
    "speakers": "Speakers told apart",
    "tasks": "Kept tasks",
    "recordings": "Recordings",
    "pipeline": "Pipecat",
    "peers": "Recognition beside its peers",
}


@dataclass(frozen=True, slots=True)
class Bound:
    """A target: which figure of which part, how it is to be, and which of two rounds is the harder one."""

    told: str
    part: str
    figure: str
    wanted: str
    met: Callable[[float], bool]
    harder: str  # "low" or "high"


def _at_most(part: str, figure: str, bound: float, unit: str, told: str) -> Bound:
    return Bound(told, part, figure, f"≤ {bound:g}{unit}", lambda value: value <= bound, "high")


def _at_least(part: str, figure: str, bound: float, unit: str, told: str) -> Bound:
    return Bound(told, part, figure, f"≥ {bound:g}{unit}", lambda value: value >= bound, "low")


# On FLORES-200 dev, with the models that need no hub.
TRANSLATED = {
    "en → pt": 69, "pt → en": 69, "en → es": 49, "en → fr": 51, "en → ca": 58, "es → en": 53, "fr → en": 54,
}  # fmt: skip
# Of people's recordings, the harder ones first.
PEOPLE = (
    ("halting: pauses within sentences that end a final", 10, " %", "pauses that cut halting speech"),
    ("as recorded: pauses within sentences that end a final", 10, " %", "pauses that cut a sentence"),
    (
        "halting: pauses within sentences taken for an end",
        10,
        " %",
        "the same, without ends of clauses, halting speech",
    ),
    ("as recorded: ends of sentences missed", 10, " %", "ends of sentences missed"),
    (
        "as recorded: final after the end of a sentence p50",
        0.4,
        " s",
        "final after the end of a sentence, p50",
    ),
    ("as recorded: final after its speech p50", 0.6, " s", "final after its speech, p50"),
    (
        "as recorded: final at an endpoint after its speech p50",
        0.6,
        " s",
        "the same, of finals at endpoints, p50",
    ),
    ("as recorded: final after its speech p99", 1.5, " s", "final after its speech, p99"),
    ("as recorded: longest standstill of captions", 1.5, " s", "longest standstill of captions"),
    ("fast: words missing", 2, " %", "words of the offline decode missing, fast speech"),
    ("as recorded: words missing", 2, " %", "words of the offline decode missing"),
    ("as recorded: most words missing in a row", 2, "", "most words missing in a row"),
    ("as recorded: first text p50", 0.8, " s", "first text, p50"),
    ("as recorded: CPU of a client", 0.16, " s", "CPU for a second of audio"),
)
# A second each, the slowest of the rounds.
TASKS = (
    "first page of the tasks", "page 91 of the tasks", "the task that failed, of all",
    "page of the long task", "long task as srt", "long task as json", "deletion until its key is in no file",
    "deletion of 100 tasks at once", "all tasks of the account erased",
)  # fmt: skip
BOUNDS = (
    _at_most(
        "edge",
        "50 sessions: edge of the mesh / relay",
        0.9,
        " ×",
        "edge CPU a frame / bare relay, 50 sessions",
    ),
    _at_most("edge", "200 sessions: edge of the mesh / relay", 0.9, " ×", "the same, 200 sessions"),
    _at_most(
        "edge", "at 70 % load: frame to recogniser p99", 10, " ms", "frame → recogniser p99 at 70 % load"
    ),
    _at_most("edge", "at 70 % load: event to client p99", 10, " ms", "event → client p99 at 70 % load"),
    _at_most(
        "reliability",
        "idle session in the edge",
        200,
        " KB",
        "memory of an idle session, the relay's included",
    ),
    _at_most(
        "job",
        "whole job / (engines alone + endpointing silence)",
        1.15,
        " ×",
        "whole job / engines + silence",
    ),
    _at_most("pages", "address to microphone", 1, " s", "page opened → microphone ready"),
    _at_most("pages", "slow 3G: link to first caption", 3, " s", "link → first caption on slow 3G"),
    _at_most("pages", "an hour of captions: growth", 20, " MB", "memory of a page, an hour of captions"),
    *(
        _at_least("translation", f"{pair}: chrF", bound, " chrF", f"translation {pair}")
        for pair, bound in TRANSLATED.items()
    ),
    _at_most(
        "translation", "pt → en: CPU p50", 20, " ms", "CPU of a sentence by `bergamot`, pt → en, median"
    ),
    _at_most(
        "translation", "en → pt: CPU p50", 20, " ms", "CPU of a sentence by `bergamot`, en → pt, median"
    ),
    _at_most(
        "translation",
        "20 sessions, en → pt: translation after its final p99",
        40,
        " ms",
        "translation after its final at 20 sessions, p99",
    ),
    _at_most("recognition", "with interims / offline", 1.5, " ×", "recognition with interims / offline CPU"),
    _at_most(
        "recognition", "without interims / offline", 0.8, " ×", "recognition without interims / offline CPU"
    ),
    _at_most(
        "recognition",
        "with interims: words wrong above offline",
        1.5,
        " points",
        "word error rate above the offline decode's",
    ),
    _at_most("recognition", "with interims: first text p50", 1.2, " s", "first text p50"),
    _at_most(
        "recognition", "with interims: final p50", 1.2, " s", "final text p50 after the end of the sentence"
    ),
    _at_least(
        "recognition", "6 clients: keeps up", 6, "", "real-time sessions with interims on this machine"
    ),
    *(_at_most("people", f"people, {figure}", bound, unit, told) for figure, bound, unit, told in PEOPLE),
    _at_least("speakers", "all: right labels, utterances from 1.5 s on", 90, " %", "speakers told apart"),
    _at_most("speakers", "CPU of the encoder", 80, " ms", "CPU of the speaker encoder for an utterance"),
    *(_at_most("tasks", figure, 1, " s", figure) for figure in TASKS),
    _at_most(
        "recordings",
        "keeping a session / a session with the service's own",
        3,
        " %",
        "CPU of keeping text and audio, of a session with the service's own engines",
    ),
    _at_most("recordings", "keeping adds to it: final p50", 10, " ms", "what keeping adds to a final, p50"),
    _at_most(
        "recordings",
        "beside each other: keeping adds to it: final p50",
        10,
        " ms",
        "the same, between sessions beside each other",
    ),
    _at_most("recordings", "100 recorded sessions: holes", 0, "", "holes in a hundred recorded sessions"),
    _at_most("peers", "ours / WhisperLive", 0.25, " ×", "recognition CPU / WhisperLive"),
    _at_most(
        "peers", "ours / WhisperLiveKit, LocalAgreement", 0.25, " ×", "recognition CPU / WhisperLiveKit"
    ),
    _at_most("interpreter", "live: translated word for good, mean", 2.0, " s", "translated word for good"),
    _at_most("interpreter", "live: translated word for good, p90", 3.5, " s", "the same, nine in ten"),
    _at_most("interpreter", "live: first translated words p50", 1.5, " s", "first translated words"),
    _at_most("interpreter", "live: first translated words p95", 2.5, " s", "the same, p95"),
    _at_most("interpreter", "live: normalised erasure", 0.2, "", "normalised erasure, live"),
    _at_most("interpreter", "steady: normalised erasure", 0.0, "", "normalised erasure, steady"),
    _at_least(
        "interpreter",
        "live: chrF against the translation of the whole text",
        97,
        "",
        "chrF of the final text against that of the whole text",
    ),
    _at_most("interpreter", "live: CPU of translation", 0.05, " s", "CPU of translation, a second of audio"),
    _at_most("interpreter", "live: last audio after the end", 3, " s", "last audio after the speaker's end"),
    _at_most(
        "interpreter", "live: first audio after its final p95", 0.3, " s", "first audio after its final, p95"
    ),
    _at_most(
        "interpreter",
        "live: speech behind in the last minute above that of the same words before",
        0.5,
        " s",
        "speech behind in minute ten above that of the same words at first",
    ),
    _at_most(
        "interpreter",
        "two clients: finals with / without tentative translations",
        1.1,
        " ×",
        "finals of two clients with tentative translations / without",
    ),
    _at_least("pipeline", "sessions per core: mesh / Pipecat", 3.2, " ×", "sessions per core / Pipecat"),
    _at_most(
        "reliability",
        "recogniser killed: until the next result, worst",
        3,
        " s",
        "failover, worst of the rounds",
    ),
    _at_most(
        "reliability",
        "connection broken: until the session goes on, worst",
        1,
        " s",
        "resume, worst of the rounds",
    ),
)


def read(folder: Path) -> dict[str, Figures]:
    """All parts that were run."""
    parts = {}
    for name in TITLES:
        path = folder / f"{name}.json"
        if path.exists():
            parts[name] = {figure["name"]: figure for figure in json.loads(path.read_text())}
    if "peers" in parts:
        _beside(parts["peers"])
    if "translation" in parts:
        translated.plain(parts["translation"])
    return parts


def _beside(peers: Figures) -> None:
    """Our CPU as a share of each peer's, with one client."""
    ours = peers.get("ours × 1: CPU of a client", {}).get("value")
    for name in ("WhisperLive", "WhisperLiveKit, LocalAgreement"):
        theirs = peers.get(f"{name} × 1: CPU of a client", {}).get("value")
        if ours and theirs:
            value = round(ours / theirs, 3)
            peers[f"ours / {name}"] = {"unit": "ratio", "value": value, "rounds": 1, "spread": 0.0}


def page(
    parts: dict[str, Figures], about: dict[str, str], images: str, bounds: Sequence[Bound] = BOUNDS
) -> str:
    """Everything in Markdown, with these targets."""
    machine = f"{about.get('processor', '?')}, {about.get('memory', '?')}, Python {about.get('python', '?')}"
    lines = [
        f"Measured on {about.get('date', '?')}: {machine}. `make bench`. "
        "Targets by the harder of the rounds of one run, tables by their median.",
        "",
    ]
    lines += ["### Targets", "", "| | target | measured | met |", "|---|---|---|---|"]
    lines += [line for bound in bounds if (line := _line(bound, parts))]
    for name, figures in parts.items():
        lines += ["", f"### {TITLES[name]}", ""]
        lines += [f"![{TITLES[name]}]({images}/{plot}.svg)\n" for plot in PLOTS.get(name, {})]
        lines += [*translated.table(figures), ""] if name == "translation" else []
        rows = translated.others(figures) if name == "translation" else figures
        lines += ["| | median | spread | unit | rounds |", "|---|---|---|---|---|"]
        lines += [_row(told, figure) for told, figure in rows.items()]
    return "\n".join(lines) + "\n"


def _line(bound: Bound, parts: dict[str, Figures]) -> str:
    figure = parts.get(bound.part, {}).get(bound.figure)
    if figure is None or figure["value"] is None:
        return f"| {bound.told} | {bound.wanted} | not measured | – |"
    harder = figure.get(bound.harder)
    value = figure["value"] if harder is None else harder
    met = "yes" if bound.met(value) else "**no**"
    return f"| {bound.told} | {bound.wanted} | {_number(value)} | {met} |"


def _row(told: str, figure: dict[str, Any]) -> str:
    value = "none" if figure["value"] is None else _number(figure["value"])
    return f"| {told} | {value} | {_number(figure['spread'])} | {figure['unit']} | {figure['rounds']} |"


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


# Plots


def _value(figures: Figures, name: str) -> float | None:
    value: float | None = figures.get(name, {}).get("value")
    return value


def _edge_cost(axes: Any, figures: Figures) -> None:
    counts = sorted(
        {int(found[1]) for name in figures if (found := re.match(r"(\d+) sessions: relay, edge", name))}
    )
    bottoms = dict.fromkeys(("relay", "mesh"), [0.0] * len(counts))
    colours = {"edge": "#33658a", "nats-server": "#86bbd8", "stt": "#f6ae2d"}
    for process, colour in colours.items():
        for place, who in enumerate(("relay", "mesh")):
            if who == "mesh" and process == "stt":
                continue  # it reads tones: that is no cost of the mesh
            values = [_value(figures, f"{count} sessions: {who}, {process}") or 0 for count in counts]
            where = [number + (place - 0.5) * 0.38 for number in range(len(counts))]
            axes.bar(where, values, 0.36, bottoms[who], color=colour, label=process if place == 0 else None)
            bottoms[who] = [a + b for a, b in zip(bottoms[who], values, strict=True)]
    axes.set_xticks(range(len(counts)), [f"{count} sessions\nrelay | mesh" for count in counts])
    axes.set_ylabel("µs of CPU for each 20 ms frame")
    axes.legend()


def _edge_latency(axes: Any, figures: Figures) -> None:
    percentiles = ("p50", "p99", "p99.9")
    for load in ("at rest", "at 70 % load"):
        for what, style in (("frame to recogniser", "-"), ("event to client", "--")):
            values = [_value(figures, f"{load}: {what} {percentile}") for percentile in percentiles]
            axes.plot(percentiles, values, style, marker="o", label=f"{what}, {load}")
    axes.set_ylabel("ms")
    axes.set_ylim(bottom=0)
    axes.axhline(10, color="grey", linewidth=0.8)
    axes.legend()


def _growth_sessions(axes: Any, figures: Figures) -> None:
    counts = sorted({int(found[1]) for name in figures if (found := re.match(r"(\d+) sessions: edge", name))})
    for who in ("edge", "all processes"):
        axes.plot(
            counts, [_value(figures, f"{count} sessions: {who}") for count in counts], marker="o", label=who
        )
    axes.set_xscale("log")
    axes.set_xlabel("sessions")
    axes.set_ylabel("% of a core for each session")
    axes.set_ylim(bottom=0)
    axes.legend()


def _growth_targets(axes: Any, figures: Figures) -> None:
    counts = [1, 2, 4, 8]
    told = [f"{count} target language{'s' if count > 1 else ''}" for count in counts]
    bottom = [0.0] * len(counts)
    for process in ("edge", "stt", "translation", "tts", "nats-server"):
        values = [_value(figures, f"{name}: {process}") or 0 for name in told]
        axes.bar([str(count) for count in counts], values, 0.6, bottom, label=process)
        bottom = [a + b for a, b in zip(bottom, values, strict=True)]
    axes.set_xlabel("target languages")
    axes.set_ylabel("% of a core for each session")
    axes.legend()


def _growth_viewers(axes: Any, figures: Figures) -> None:
    counts = [1, 10, 100, 1000]
    told = [f"{count} viewer{'' if count == 1 else 's'}" for count in counts]
    for process in ("edge", "translation", "nats-server"):
        values = [_value(figures, f"{name}: {process}") for name in told]
        axes.plot(counts, values, marker="o", label=process)
    axes.set_xscale("log")
    axes.set_xlabel("viewers of one session, in two languages")
    axes.set_ylabel("% of a core")
    axes.set_ylim(bottom=0)
    axes.legend()


def _speech_behind(axes: Any, figures: Figures) -> None:
    minutes = [*range(1, 11)]
    behind = [_value(figures, f"live: speech behind in minute {minute}") for minute in minutes]
    axes.plot(minutes, behind, marker="o", color="#33658a")
    axes.set_xlabel("minute")
    axes.set_ylabel("s that speech is behind, mean")
    axes.set_ylim(bottom=0)


def _bars(names: list[tuple[str, str]], unit: str) -> Callable[[Any, Figures], None]:
    def draw(axes: Any, figures: Figures) -> None:
        shown = [(told, _value(figures, name)) for told, name in names]
        known = [(told, value) for told, value in shown if value is not None]
        bars = axes.barh([told for told, _ in known], [value for _, value in known], color="#33658a")
        axes.bar_label(bars, fmt="%.3g", padding=3)
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.margins(x=0.15)

    return draw


PLOTS: dict[str, dict[str, Callable[[Any, Figures], None]]] = {
    "edge": {"edge-cost": _edge_cost, "edge-latency": _edge_latency},
    "growth": {
        "growth-sessions": _growth_sessions,
        "growth-targets": _growth_targets,
        "growth-viewers": _growth_viewers,
    },
    "recognition": {
        "recognition": _bars(
            [
                ("offline", "offline: CPU"),
                ("with interims", "with interims: CPU of a client"),
                ("without interims", "without interims: CPU of a client"),
            ],
            "CPU seconds for each second of audio",
        )
    },
    "interpreter": {
        "interpreter-lag": _bars(
            [
                (f"{told}, {what}", f"{name}: translated word {what}, mean")
                for name, told in (("before", "final, no segments"), ("live", "live"), ("steady", "steady"))
                for what in ("first shown", "for good")
            ],
            "seconds from a source word's end to its translated word, mean",
        ),
        "interpreter-speech": _speech_behind,
    },
    "pipeline": {
        "pipeline": _bars(
            [("dragoman", "mesh: sessions per core"), ("Pipecat", "Pipecat: sessions per core")],
            "sessions per core, every process counted",
        )
    },
    "peers": {
        "peers": _bars(
            [
                ("dragoman", "ours × 1: CPU of a client"),
                ("WhisperLive", "WhisperLive × 1: CPU of a client"),
                ("WhisperLiveKit", "WhisperLiveKit, LocalAgreement × 1: CPU of a client"),
            ],
            "CPU seconds for each second of audio, one client",
        )
    },
}


def draw(parts: dict[str, Figures], folder: Path) -> None:
    """All plots of the parts that were run."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "dragoman"  # the same figures give the same file
    from matplotlib import pyplot

    for name, figures in parts.items():
        for plot, paint in PLOTS.get(name, {}).items():
            figure, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
            paint(axes, figures)
            axes.set_title(TITLES[name], fontsize=10)
            axes.spines[["top", "right"]].set_visible(False)
            figure.savefig(folder / f"{plot}.svg", metadata={"Date": None})
            pyplot.close(figure)


def write(folder: Path) -> None:
    """report.md and the plots, beside the figures."""
    parts, about = read(folder), json.loads((folder / "machine.json").read_text())
    draw(parts, folder)
    (folder / "report.md").write_text(page(parts, about, "."))


def publish(folder: Path) -> None:
    """Into the documentation."""
    parts, about = read(folder), json.loads((folder / "machine.json").read_text())
    IMAGES.mkdir(exist_ok=True)
    draw(parts, folder)
    for plot in folder.glob("*.svg"):
        shutil.copy(plot, IMAGES / plot.name)
    for name, (begin, end) in APART.items():
        if name in parts:
            own = {name: parts.pop(name)}
            bounds = [bound for bound in BOUNDS if bound.part == name]
            _put(begin, end, page(own, about, IMAGES.name, bounds))
    if parts:
        others = [bound for bound in BOUNDS if bound.part not in APART]
        _put(BEGIN, END, page(parts, about, IMAGES.name, others))


def _put(begin: str, end: str, figures: str) -> None:
    """Between two marks of the page."""
    text = PAGE.read_text()
    before, after = text.partition(begin)[0], text.partition(end)[2]
    PAGE.write_text(f"{before}{begin}\n{figures}{end}{after}")


def main() -> None:
    """Write the report of a finished run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("out/bench"))
    parser.add_argument("--docs", action="store_true", help="put it into the documentation")
    options = parser.parse_args()
    (publish if options.docs else write)(options.folder)


if __name__ == "__main__":
    main()
