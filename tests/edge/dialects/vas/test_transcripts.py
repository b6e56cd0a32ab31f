"""Transcripts as files: whole over pages, safe in players and spreadsheets."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dragoman_contract import rpc
from dragoman_edge.dialects.vas.transcripts import FORMATS
from tests.support.vas_tasks import TASK, entry

ENTRIES = (entry(1, "hello"), entry(65, "adiós", "es-ES"))


def written(name: str, entries: Sequence[rpc.Entry] = ENTRIES, language: str = "", pages: int = 1) -> str:
    writer = FORMATS[name](TASK, language)
    size = -(-len(entries) // pages)
    parts = [writer.page(entries[start : start + size]) for start in range(0, len(entries), size or 1)]
    return writer.begin() + "".join(parts) + writer.end()


WHOLE = {
    "txt": "[00:01] 1: hello\n    es-ES: hello there\n[01:05] 2: adiós\n    en-US: adiós there\n",
    "srt": "1\n00:00:01,000 --> 00:00:01,500\nhello\n\n2\n00:01:05,000 --> 00:01:05,500\nadiós\n\n",
    "sbv": "00:00:01.000,00:00:01.500\nhello\n\n00:01:05.000,00:01:05.500\nadiós\n\n",
    "vtt": "WEBVTT\n\n00:00:01.000 --> 00:00:01.500\nhello\n\n00:01:05.000 --> 00:01:05.500\nadiós\n\n",
    "csv": (
        "sid,start_ms,duration_ms,speaker,language,text,en-US,es-ES\r\n"
        "1,1000,500,1,en-US,hello,,hello there\r\n"
        "65,65000,500,2,es-ES,adiós,adiós there,\r\n"
    ),
}


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize("name", WHOLE)
def test_a_file_is_the_same_however_many_pages_it_was_read_in(name: str, pages: int) -> None:
    assert written(name, pages=pages) == WHOLE[name]


@pytest.mark.parametrize("pages", [1, 2])
def test_json_has_the_task_and_its_sentences(pages: int) -> None:
    body = json.loads(written("json", pages=pages))
    assert body["task"]["type"] == "conversation"
    assert [one["origin"]["text"] for one in body["entries"]] == ["hello", "adiós"]
    assert json.loads(written("json", ()))["entries"] == []


def test_one_language_is_what_was_said_in_it_or_translated_into_it() -> None:
    assert written("txt", language="es") == "[00:01] 1: hello there\n[01:05] 2: adiós\n"
    assert "hello there" in written("srt", language="es-ES") and "2\n" in written("srt", language="es-ES")


@pytest.mark.parametrize("name", ["txt", "srt", "sbv", "vtt"])
def test_a_sentence_without_the_language_is_left_out_and_not_counted(name: str) -> None:
    entries = [replace(ENTRIES[0], translations=()), ENTRIES[0]]
    text = written(name, entries, language="es-ES")
    assert text.count("hello") == 1 and (name != "srt" or text.startswith("1\n"))


HOSTILE = "a\n\n2\n00:00 --> 00:01 <script>&"


def test_a_text_makes_no_cue_and_no_markup() -> None:
    for name in ("srt", "vtt", "sbv", "txt"):
        text = written(name, [entry(1, HOSTILE)], language="en-US")
        assert text.count("-->") == (1 if name in ("srt", "vtt") else text.count("-->"))
        assert "\n2\n" not in text
    assert "<script>" not in written("vtt", [entry(1, HOSTILE)])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_text_is_no_formula_of_a_spreadsheet(text: str) -> None:
    rows = list(csv.reader(io.StringIO(written("csv", [entry(1, text)]))))
    assert rows[1][5] == f"'{text}"


def test_times_of_hours_are_right() -> None:
    said = entry(1, start_ms=3 * 3_600_000 + 61_001)
    assert "03:01:01,001 --> 03:01:01,501" in written("srt", [said])
