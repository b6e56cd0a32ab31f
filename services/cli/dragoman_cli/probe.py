"""Whether a mesh works: real speech through the edge, `python -m dragoman_cli.probe SPEECH.WAV WORD …`.

The edge and the key come from `DRAGOMAN_URL` and `DRAGOMAN_KEY`; the words must be in the transcript. The
viewer's page must be there as well, with all that it loads, unless `DRAGOMAN_PAGES=false`.
"""

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx

from dragoman_cli.audio import AudioError, read_file
from dragoman_cli.audio_source import paced
from dragoman_cli.client import TranslateError, Wish, translate
from dragoman_cli.results import Results

WAIT_S = 120.0
PAGE = "/broadcast/AAAAAAAAAAAAAAAA"  # of no broadcast: the page is the same
ASSET = re.compile(r'(?:src|href)="(/pages/[^"]+)"')


def examine(results: Results, words: list[str]) -> list[str]:
    """Return the faults of the results, a line each; empty = none."""
    texts = list(results.utterances.values())
    heard = " ".join(u.transcript for u in texts).lower()
    problems = [f"the word '{word}' was not recognised" for word in words if word.lower() not in heard]
    problems += [f"utterance {u.id} was not translated" for u in texts if u.transcript and not u.translation]
    problems += [f"the edge told an error: {error['description']}" for error in results.errors]
    if not results.audio:
        problems.append("no translated speech came")
    return problems


def missing_pages(http: httpx.Client) -> list[str]:
    """Open the viewer's page and what it names; return the faults, a line each."""
    try:
        page = http.get(PAGE)
        if page.status_code != 200:
            return [f"the viewer's page answers {page.status_code}"]
        named = ASSET.findall(page.text)
        answers = {path: http.get(path).status_code for path in named}
    except httpx.HTTPError as exc:
        return [f"the viewer's page cannot be opened: {type(exc).__name__}"]
    faults = [f"{path} answers {status}" for path, status in answers.items() if status != 200]
    return faults if named else ["the viewer's page loads nothing"]


async def probe(url: str, key: str, pcm: bytes) -> Results:
    """Stream the speech at its own pace.

    Raises:
        TranslateError: refused, broken off, or not done in two minutes more than the speech lasts.
    """
    wish = Wish("en-US", "es-ES")
    try:
        async with asyncio.timeout(WAIT_S + len(pcm) / 32_000):
            return await translate(url, key, wish, paced(pcm))
    except TimeoutError:
        raise TranslateError("the mesh did not answer in time") from None


def main() -> None:
    """Show what came; exit status 1 when something is wrong."""
    file, *words = sys.argv[1:]
    try:
        url, key = os.environ["DRAGOMAN_URL"], os.environ["DRAGOMAN_KEY"]
        results = asyncio.run(probe(url, key, read_file(Path(file))))
    except KeyError as exc:
        raise SystemExit(f"dragoman: set {exc.args[0]}") from None
    except (TranslateError, AudioError) as exc:
        raise SystemExit(f"dragoman: {exc}") from None
    for utterance in results.utterances.values():
        print(f"{utterance.transcript}  →  {utterance.translation}")
    print(f"{len(results.audio) / 32_000:.1f} s of translated speech")
    problems = examine(results, words)
    if os.environ.get("DRAGOMAN_PAGES") != "false":
        with httpx.Client(base_url=url, timeout=10) as http:
            problems += missing_pages(http)
    if problems:
        raise SystemExit("\n".join(f"dragoman: {problem}" for problem in problems))
    print("the mesh works")


if __name__ == "__main__":
    main()
