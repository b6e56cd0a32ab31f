"""What is true of the files of every service's pages."""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

LANGUAGES = ("en", "de", "es", "fr", "pt")
SHARED = files("dragoman_kit.pages") / "static"


async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
    """Whatever is no page."""
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class _Inline(HTMLParser):
    """What the policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        inline = [name for name in names if name.startswith("on") or name == "style"]
        self.found += [f"{tag} {name}" for name in inline]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)


def check_files(static: Traversable) -> None:
    """No page has code or style of its own; no script makes markup of text, or asks elsewhere."""
    for entry in static.iterdir():
        if entry.name.endswith(".html"):
            parser = _Inline()
            parser.feed(entry.read_text())
            assert parser.found == [], entry.name
        if entry.name.endswith(".js"):
            text = entry.read_text()
            markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
            assert not re.search(markup, text), entry.name
            assert not re.search(r"fetch\(\s*[\"'`]https?:|import[^\n]*https?:", text), entry.name


def _words(static: Traversable, language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((static / "words" / f"{language}.json").read_text())
    return found


def check_words(static: Traversable) -> None:
    """Every language has all words with their values, and every word that is used is there."""
    english = _words(static, "en")
    for language in LANGUAGES:
        own = _words(static, language)
        assert own.keys() == english.keys(), language
        for name, text in english.items():
            assert set(re.findall(r"\{\w+\}", own[name])) == set(re.findall(r"\{\w+\}", text)), name
    used: set[str] = set()
    for entry in static.iterdir():
        if entry.name.endswith(".html"):
            used |= set(re.findall(r'data-(?:word|label|title)="([^"]+)"', entry.read_text()))
        if entry.name.endswith(".js"):
            used |= set(re.findall(r'(?:word|problem)\("([a-z_.]+)"', entry.read_text()))
    assert used <= english.keys()
