"""Transcripts as files: TXT, SRT, SBV, VTT, CSV and JSON, written page by page."""

import csv
import html
import io
from collections.abc import Iterable, Sequence

from dragoman_contract import rpc
from dragoman_contract.languages import same_language
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.vas import frames, task_resource

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # of a cell that a spreadsheet would compute


class Writer:
    """A file in one format. `language`: that translation instead of the original; empty = the original."""

    media_type = "text/plain; charset=utf-8"

    def __init__(self, kept: rpc.Task, language: str) -> None:
        self.kept = kept
        self.language = language
        self.written = 0

    def begin(self) -> str:
        """Return the text before the first sentence."""
        return ""

    def page(self, entries: Sequence[rpc.Entry]) -> str:
        """Return the text of some sentences."""
        return "".join(map(self._counted, entries))

    def end(self) -> str:
        """Return the text behind the last sentence."""
        return ""

    def _counted(self, entry: rpc.Entry) -> str:
        text = self.entry(entry)
        self.written += bool(text)
        return text

    def entry(self, entry: rpc.Entry) -> str:
        """Return the text of one sentence; empty where there is none in the language."""
        return f"{self.words(entry)}\n" if self.words(entry) else ""

    def words(self, entry: rpc.Entry) -> str:
        """Return the sentence in the language of the file, on one line."""
        return " ".join(self._text(entry).split())

    def _text(self, entry: rpc.Entry) -> str:
        if not self.language:
            return entry.sentence.text
        made = (one.text for one in entry.translations if same_language(one.language, self.language))
        same = entry.sentence.text if same_language(entry.sentence.language, self.language) else ""
        return next(made, same)


class Txt(Writer):
    """A line for each sentence; without a language its translations below."""

    def entry(self, entry: rpc.Entry) -> str:
        """Return the lines of one sentence."""
        said = entry.sentence
        who = task_resource.label(self.kept, said)
        words = self.words(entry)
        lines = [f"[{frames.start_time(said.start_ms)}] {who}: {words}"] if words else []
        if not self.language:
            lines += [f"    {made.language}: {' '.join(made.text.split())}" for made in entry.translations]
        return "".join(f"{line}\n" for line in lines)


class Cues(Writer):
    """Subtitles: a cue for each sentence."""

    comma = ","  # before the milliseconds

    def entry(self, entry: rpc.Entry) -> str:
        """Return the cue of one sentence."""
        said, words = entry.sentence, self.words(entry)
        if not words:
            return ""
        start, stop = self.time(said.start_ms), self.time(said.start_ms + max(1, said.duration_ms))
        return self.cue(start, stop, words)

    def cue(self, start: str, stop: str, words: str) -> str:
        """Return a cue in the format."""
        return f"{self.written + 1}\n{start} --> {stop}\n{words.replace('-->', '→')}\n\n"

    def time(self, ms: int) -> str:
        """Return a time in the format."""
        seconds, rest = divmod(ms, 1000)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{self.comma}{rest:03d}"


class Vtt(Cues):
    """Subtitles as WebVTT."""

    media_type = "text/vtt; charset=utf-8"
    comma = "."

    def begin(self) -> str:
        """Return the header of the file."""
        return "WEBVTT\n\n"

    def cue(self, start: str, stop: str, words: str) -> str:
        """Return a cue; a text is no markup."""
        return f"{start} --> {stop}\n{html.escape(words, quote=False)}\n\n"


class Sbv(Cues):
    """Subtitles of SubViewer."""

    comma = "."

    def cue(self, start: str, stop: str, words: str) -> str:
        """Return a cue in the format."""
        return f"{start},{stop}\n{words}\n\n"


class Csv(Writer):
    """A row for each sentence, a column for each language of the task."""

    media_type = "text/csv; charset=utf-8"

    def begin(self) -> str:
        """Return the names of the columns."""
        return _row(["sid", "start_ms", "duration_ms", "speaker", "language", "text", *self.languages()])

    def languages(self) -> tuple[str, ...]:
        """Return the languages that have a column."""
        return (self.language,) if self.language else self.kept.target_languages

    def entry(self, entry: rpc.Entry) -> str:
        """Return the row of one sentence."""
        said = entry.sentence
        made = {one.language: one.text for one in entry.translations}
        texts = [
            next((text for tag, text in made.items() if same_language(tag, wanted)), "")
            for wanted in self.languages()
        ]
        who = task_resource.label(self.kept, said)
        return _row(
            [task_resource.sid(said), said.start_ms, said.duration_ms, who, said.language, said.text, *texts]
        )


class Json(Writer):
    """The task and its sentences."""

    media_type = "application/json"

    def begin(self) -> str:
        """Return the task and the begin of the list."""
        return dump({"task": task_resource.task(self.kept)})[:-1] + ',"entries":['

    def entry(self, entry: rpc.Entry) -> str:
        """Return one element of the list."""
        return ("," if self.written else "") + dump(task_resource.result(self.kept, entry))

    def end(self) -> str:
        """Return the end of the list."""
        return "]}"


FORMATS: dict[str, type[Writer]] = {
    "txt": Txt, "srt": Cues, "sbv": Sbv, "vtt": Vtt, "csv": Csv, "json": Json,
}  # fmt: skip


def _row(cells: Iterable[object]) -> str:
    """A row of CSV; what a spreadsheet would compute is text there."""
    line = io.StringIO()
    safe = [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in cells]
    csv.writer(line).writerow(safe)
    return line.getvalue()
