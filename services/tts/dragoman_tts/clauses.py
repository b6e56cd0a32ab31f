"""Text in clauses, so that the first audio comes early. Pure; not a character is lost."""

import re

_END = re.compile(r"(?<=[.!?;:,。！？；：，、،؛؟])\s+|(?<=[。！？；：，、])")
MIN_CHARACTERS, MAX_CHARACTERS = 24, 240


def split(text: str) -> list[str]:
    """Clauses of `MIN_CHARACTERS` (where possible) to `MAX_CHARACTERS`; joined they are `text`."""
    out: list[str] = []
    start = 0
    ends = [match.end() for match in _END.finditer(text)] + [len(text)]
    for end in ends:
        if end - start >= MIN_CHARACTERS or end == len(text):
            out += _bounded(text[start:end])
            start = end
    return [clause for clause in out if clause]


def _bounded(clause: str) -> list[str]:
    out = []
    while len(clause) > MAX_CHARACTERS:
        cut = clause.rfind(" ", 1, MAX_CHARACTERS) + 1 or MAX_CHARACTERS
        out.append(clause[:cut])
        clause = clause[cut:]
    return [*out, clause]
