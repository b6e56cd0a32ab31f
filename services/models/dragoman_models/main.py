"""`python -m dragoman_models`: for images, initContainers and scripts; `dragoman models` is for people."""

import argparse
import sys
from pathlib import Path

from dragoman_models import mirror, names
from dragoman_models.errors import ModelError
from dragoman_models.folder import ModelFolder
from dragoman_models.pull import Puller, remove
from dragoman_models.settings import read


def main() -> None:
    """Run one command.

    Raises: SystemExit with status 1, after one line on standard error, when it fails.
    """
    given = _parser().parse_args()
    try:
        puller = Puller.of(read(), _say)
        puller.allowed = True  # whoever calls this wants it
        if given.folder:
            puller.folder = ModelFolder(Path(given.folder))
        given.run(given, puller)
    except ModelError as exc:
        raise SystemExit(f"dragoman-models: {exc}") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dragoman-models", description="Models by name.")
    commands = parser.add_subparsers(required=True)
    pull = commands.add_parser("pull", help="make models available and check their sums")
    pull.add_argument("names", nargs="*", help="names, or pairs such as en-es")
    pull.add_argument("--pairs", default="", help="more pairs, e.g. en-es,en-de")
    pull.add_argument("--accept-licence", action="store_true", help="also models not for commercial use")
    pull.add_argument("--optional", action="store_true", help="status 0 also when some cannot be had")
    pull.set_defaults(run=_pull)
    listed = commands.add_parser("list", help="names of what is installed")
    listed.set_defaults(run=_list)
    verify = commands.add_parser("verify", help="compare what is installed with its sums")
    verify.set_defaults(run=_verify)
    gone = commands.add_parser("remove", help="delete models")
    gone.add_argument("names", nargs="+")
    gone.set_defaults(run=_remove)
    copy = commands.add_parser("mirror", help="write a mirror of all that is installed")
    copy.add_argument("target", type=Path)
    copy.set_defaults(run=_mirror)
    for command in (pull, listed, verify, gone, copy):
        command.add_argument("--folder", default="", help="where models are kept; else DRAGOMAN_MODELS_DIR")
    return parser


def _pull(given: argparse.Namespace, puller: Puller) -> None:
    if given.accept_licence:
        puller.accepted = {"*"}
    for wish in [*given.names, *names.pairs(given.pairs)]:
        try:
            _pull_one(puller, wish)
        except ModelError as exc:
            if not given.optional:
                raise
            _say(str(exc))


def _pull_one(puller: Puller, wish: str) -> None:
    before = puller.folder.names()
    path = puller.ensure(wish)
    if path.name not in before:
        _say(f"{path.name}: {path} (sha256 right)")


def _list(given: argparse.Namespace, puller: Puller) -> None:
    for name in puller.folder.names():
        print(name)  # noqa: T201


def _verify(given: argparse.Namespace, puller: Puller) -> None:
    wrong = [verdict.problem for verdict in puller.folder.verify() if verdict.problem]
    for problem in wrong:
        _say(problem)
    if wrong:
        raise SystemExit(1)


def _remove(given: argparse.Namespace, puller: Puller) -> None:
    for name in given.names:
        remove(puller.folder, name)


def _mirror(given: argparse.Namespace, puller: Puller) -> None:
    mirror.write(puller.folder.installed(), puller.folder, given.target, _say)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201
