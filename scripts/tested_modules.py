"""Our modules, and where the tests of each of them stand."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {  # package folder: folder of its tests
    "proto/dragoman_contract": "contract",
    "services/common/dragoman_kit": "kit",
    "services/accounts/dragoman_accounts": "accounts",
    "services/archive/dragoman_archive": "archive",
    "services/edge/dragoman_edge": "edge",
    "services/models/dragoman_models": "models",
    "services/stt/dragoman_stt": "stt",
    "services/translation/dragoman_translation": "translation",
    "services/tts/dragoman_tts": "tts",
    "services/cli/dragoman_cli": "cli",
}
# Folders without tests of their own: code that protoc writes; what the tests of `database` run as a whole.
ELSEWHERE = frozenset({"pb", "migrations"})
UNTESTED = frozenset({"__init__.py", "__main__.py"})  # names only, or one call


@dataclass(frozen=True)
class Module:
    """A source file: `path` and the folder of its `tests` from the repository's root; the `room` it is in."""

    path: str
    tests: str
    room: str

    @property
    def name(self) -> str:
        """The module's own name, without folders."""
        return Path(self.path).stem

    def test_files(self, root: Path = ROOT) -> list[Path]:
        """`test_<module>.py` and `test_<module>_<aspect>.py`, those that there are."""
        folder = root / self.tests
        return sorted([*folder.glob(f"test_{self.name}.py"), *folder.glob(f"test_{self.name}_*.py")])


def modules(root: Path = ROOT) -> list[Module]:
    """Every module that is to have tests of its own, sorted by path."""
    found = []
    for package, tests in PACKAGES.items():
        for path in sorted((root / package).rglob("*.py")):
            inner = path.relative_to(root / package).parent
            if path.name in UNTESTED or ELSEWHERE & {*inner.parts}:
                continue
            room = "/".join((Path(package).name, *inner.parts[:1]))
            found.append(Module(str(path.relative_to(root)), str(Path("tests", tests, inner)), room))
    return found
