"""`python -m dragoman_models`: for images, initContainers and scripts; `dragoman models` is for people."""

import argparse
import sys
from pathlib import Path

from dragoman_models import catalogue
from dragoman_models.errors import ModelError
from dragoman_models.folder import ModelFolder
from dragoman_models.pull import Puller, remove
from dragoman_models.settings import ModelsSettings


def main() -> None:
    """Run one command; status 1 with one line on standard error when it fails."""
    given = _parser().parse_args()
    settings = ModelsSettings()
    folder = ModelFolder(Path(given.folder) if given.folder else settings.folder)
    try:
        given.run(given, folder, settings)
    except ModelError as exc:
        raise SystemExit(f"dragoman-models: {exc}") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dragoman-models", description="Models by name.")
    commands = parser.add_subparsers(required=True)
    pull = commands.add_parser("pull", help="make models available and check their sums")
    pull.add_argument("names", nargs="+", help="names, or pairs such as en-es")
    pull.add_argument("--accept-licence", action="store_true", help="also models not for commercial use")
    pull.add_argument("--optional", action="store_true", help="status 0 also when some cannot be had")
    pull.set_defaults(run=_pull)
    verify = commands.add_parser("verify", help="compare what is installed with its sums")
    verify.set_defaults(run=_verify)
    gone = commands.add_parser("remove", help="delete models")
    gone.add_argument("names", nargs="+")
    gone.set_defaults(run=_remove)
    for command in (pull, verify, gone):
        command.add_argument("--folder", default="", help="where models are kept; else DRAGOMAN_MODELS_DIR")
    return parser


def _pull(given: argparse.Namespace, folder: ModelFolder, settings: ModelsSettings) -> None:
    accepted = {"*"} if given.accept_licence else settings.accepted
    puller = Puller(folder, catalogue.load(), settings.mirror, accepted, say=_say)
    for name in given.names:
        try:
            _pull_one(puller, name)
        except ModelError as exc:
            if not given.optional:
                raise
            _say(str(exc))


def _pull_one(puller: Puller, name: str) -> None:
    before = puller.folder.names()
    path = puller.ensure(name)
    if path.name not in before:
        _say(f"{path.name}: {path} (sha256 right)")


def _verify(given: argparse.Namespace, folder: ModelFolder, settings: ModelsSettings) -> None:
    wrong = [verdict.problem for verdict in folder.verify() if verdict.problem]
    for problem in wrong:
        _say(problem)
    if wrong:
        raise SystemExit(1)


def _remove(given: argparse.Namespace, folder: ModelFolder, settings: ModelsSettings) -> None:
    for name in given.names:
        remove(folder, name)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201
