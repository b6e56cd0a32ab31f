"""What is the same in every language is found, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_translation import signs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to maria.lopez@example.com, or me@work.com.", ["maria.lopez@example.com", "me@work.com"]),
        (
            "see https://example.org/a?b=1#c, (www.example.org)",
            ["https://example.org/a?b=1#c", "www.example.org"],
        ),
        ("@maria said #dragoman", ["@maria", "#dragoman"]),
        ("open /usr/bin/env or C:\\temp or ~/notes.txt", ["/usr/bin/env", "C:\\temp", "~/notes.txt"]),
        ("a^b {c} C# foo_bar x=1 ~5", ["a^b", "{c}", "C#", "foo_bar", "x=1", "~5"]),
        ("the report.pdf at example.com", ["report.pdf", "example.com"]),
        ("and/or, e.g. this. i.e. a.m. U.S. end.The 3.5 $5", []),
        (
            "call +34 912 345 678, (555) 123-4567, 555-123-4567",
            ["+34 912 345 678", "(555) 123-4567", "555-123-4567"],
        ),
        ("1 234 567 people, 10-12 of them, 1999-03", []),
        ("good 👍🏽 and 😀😀", ["👍🏽", "😀😀"]),
        ("me@work.com's house", ["me@work.com"]),
        ("# and ^ alone", ["#", "^"]),
    ],
)
def test_what_survives(text: str, expected: list[str]) -> None:
    found = sorted(signs.kept(text), key=lambda kept: kept.start)
    assert [text[kept.start : kept.end] for kept in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 😀 hi there 👍🏽 🎉\n", (" 😀 ", "hi there", " 👍🏽 🎉\n")),
        ("hi", ("", "hi", "")),
        ("😀", ("😀", "", "")),
        ("  ", ("  ", "", "")),
    ],
)
def test_what_stands_around_is_apart(text: str, expected: tuple[str, str, str]) -> None:
    assert signs.framed(text) == expected


@given(st.text(max_size=100))
def test_nothing_is_lost(text: str) -> None:
    assert "".join(signs.framed(text)) == text
    assert all(text[kept.start : kept.end] == kept.out for kept in signs.kept(text))
