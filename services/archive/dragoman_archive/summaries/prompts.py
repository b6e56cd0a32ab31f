"""Prompts of summaries: what is the same for all, the template or the client's own words, the form. Pure.

Other people's words in a transcript are data to the model, never instructions.
"""

from collections.abc import Sequence

from dragoman_archive.summaries.base import Job, Line
from dragoman_contract.summary_templates import RULES, TEMPLATES, form

Message = dict[str, str]
NEUTRAL = "Summarise the factual content in a neutral tone."
LONGEST = 20_000  # characters of a summary
MERGE = "The lines are summaries of the parts of one conversation, in their order: make one summary of them. "


def instruction(job: Job) -> str:
    """Return the template's instruction, or the client's own."""
    return job.wish.prompt or TEMPLATES.get(job.wish.template, TEMPLATES["general"]).instruction


def messages(job: Job, wanted: str, lines: Sequence[Line], mark: str) -> list[Message]:
    """The messages of a request.

    Args:
        wanted: the instruction.
        mark: a word that no transcript can know.
    """
    rules = [RULES.format(mark=mark), wanted, _form(job)]
    return [
        {"role": "system", "content": "\n\n".join(rules)},
        {"role": "user", "content": f"<{mark}>\n{transcript(lines)}\n</{mark}>"},
    ]


def transcript(lines: Sequence[Line]) -> str:
    """A line for each sentence; none has a line break of its own."""
    return "\n".join(f"{line.speaker}: {' '.join(line.text.split())}".removeprefix(": ") for line in lines)


def cleaned(text: str) -> str:
    """The summary as it is stored: without control characters, bounded.

    Raises:
        ValueError: there is nothing left of it.
    """
    kept = "".join(c for c in text if c.isprintable() or c == "\n").strip()[:LONGEST]
    if not any(map(str.isalnum, kept)):
        raise ValueError("empty")
    return kept


def parts(lines: Sequence[Line], size: int) -> list[Sequence[Line]]:
    """The transcript in parts of about `size` characters, each of at least one line."""
    made: list[Sequence[Line]] = []
    start = length = 0
    for index, line in enumerate(lines):
        if length and length + len(line.text) > size:
            made.append(lines[start:index])
            start, length = index, 0
        length += len(line.text)
    return [*made, lines[start:]]


def _form(job: Job) -> str:
    wish = job.wish
    return form(wish.format, job.language, plain_text=wish.plain_text, max_length=wish.max_length)
