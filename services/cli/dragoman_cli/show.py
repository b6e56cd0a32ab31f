"""Display of results while speech is translated, and of the summary after it."""

import statistics

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_cli.results import Results, ServerEvent, Utterance


class Display:
    """A progress bar of the audio sent, an interim line, and the results above it."""

    def __init__(
        self, console: Console, seconds: float = 0, interims: bool = True, timed: bool = True
    ) -> None:
        """`seconds`: length of the speech, 0 = not known; `timed`: it is sent as it would be spoken."""
        self._console = console
        self._timed = timed
        self._interims = interims
        self.sent_s = 0.0
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, console=console, transient=True)
        self._task = self.progress.add_task("listening", total=seconds or None)

    def sent(self, seconds: float) -> None:
        """Count seconds of audio that were sent."""
        self.sent_s += seconds
        self.progress.update(self._task, completed=self.sent_s)

    def show(self, event: ServerEvent) -> None:
        """Show one result as it comes."""
        utterance = event.utterance
        match event.kind:
            case "interim" if self._interims:
                self.progress.update(self._task, description=f"… {escape(event.text[-60:])}")
                if not self._console.is_terminal:
                    self._print(f"[dim]  interim      … {escape(event.text)}[/dim]")
            case "tentative" if self._interims:
                self.progress.update(self._task, description=f"→ {escape(event.text[-60:])}")
                if not self._console.is_terminal:
                    self._print(f"[dim]  tentative    → {escape(event.text)}[/dim]")
            case "final" if utterance is not None and event.text:
                self._line("transcript ", event.text, _after(utterance, utterance.transcript_at))
            case "translation" if utterance is not None:
                self._line("translation", event.text, _after(utterance, utterance.translation_at))
            case "audio" if utterance is not None:
                late = _after(utterance, utterance.audio_at)
                self._line("speech     ", "♪ begins", late)
            case "error":
                self._print(f"[red]  error        {escape(event.text)}[/red]")

    def _line(self, kind: str, text: str, late: float) -> None:
        shown = f"  [dim]+{late:.2f} s[/dim]" if self._timed else ""
        self._print(f"  {kind}  {escape(text)}{shown}")

    def _print(self, markup: str) -> None:
        self._console.print(markup, highlight=False, soft_wrap=True)


def _after(utterance: Utterance, at: float) -> float:
    return at - utterance.speech_ended if utterance.speech_ended else 0.0


def summary(
    console: Console, results: Results, sent_s: float, credits: float | None, timed: bool = True
) -> None:
    """Utterances, how late their results were, and what it cost."""
    heard = [u for u in results.utterances.values() if u.transcript]
    if timed and heard:
        console.print(_lateness(heard))
    spoken = len(results.audio) / BYTES_PER_S
    count = f"{len(heard)} utterance{'' if len(heard) == 1 else 's'}"
    console.print(f"{count}, {sent_s:.1f} s heard, {spoken:.1f} s spoken", highlight=False)
    if credits is not None:
        console.print(f"credits used: {credits:.4f}", highlight=False)


def _lateness(heard: list[Utterance]) -> Table:
    table = Table(title="Summary", title_justify="left", show_header=True, header_style="bold")
    table.add_column("from the end of speech to")
    table.add_column("median", justify="right")
    table.add_column("longest", justify="right")
    for name, moment in (
        ("final transcript", "transcript_at"),
        ("translation", "translation_at"),
        ("first audio", "audio_at"),
    ):
        late = [_after(u, getattr(u, moment)) for u in heard if getattr(u, moment)]
        if late:
            table.add_row(name, f"{statistics.median(late):.2f} s", f"{max(late):.2f} s")
    return table
