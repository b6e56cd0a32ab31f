"""The one version: that of the root's `pyproject.toml`, in every package and in the chart.

Usage: python scripts/version.py --check | --set 0.2.0
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "pyproject.toml"
PACKAGE = re.compile(r'^version = "([^"]+)"$', re.M)
CHART = re.compile(r'^(version|appVersion): "?([^"\n]+)"?$', re.M)
WANTED = re.compile(r"\d+\.\d+\.\d+(rc\d+)?")


def version() -> str:
    """What the root says."""
    found: str = tomllib.loads(SOURCE.read_text())["project"]["version"]
    return found


def packages() -> list[Path]:
    """The `pyproject.toml` of every member of the workspace."""
    members = tomllib.loads(SOURCE.read_text())["tool"]["uv"]["workspace"]["members"]
    return sorted(path for member in members for path in ROOT.glob(f"{member}/pyproject.toml"))


def differing(wanted: str) -> list[str]:
    """Places that say another version."""
    said = [(path, PACKAGE.findall(path.read_text())) for path in packages()]
    chart = ROOT / "helm" / "dragoman" / "Chart.yaml"
    said.append((chart, [found for _, found in CHART.findall(chart.read_text())]))
    return [f"{path.relative_to(ROOT)}: {', '.join(found)}" for path, found in said if set(found) != {wanted}]


def write(wanted: str) -> None:
    """Say `wanted` everywhere; the lock file follows with `uv lock`."""
    for path in [SOURCE, *packages()]:
        path.write_text(PACKAGE.sub(f'version = "{wanted}"', path.read_text(), count=1))
    chart = ROOT / "helm" / "dragoman" / "Chart.yaml"
    text = re.sub(r"^version: .*$", f"version: {wanted}", chart.read_text(), flags=re.M)
    chart.write_text(re.sub(r"^appVersion: .*$", f'appVersion: "{wanted}"', text, flags=re.M))


def main() -> None:
    """Check or set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="exit 1 when a place says another version")
    parser.add_argument("--set", dest="wanted", metavar="X.Y.Z", help="write this version everywhere")
    told = parser.parse_args()
    if told.wanted:
        if not WANTED.fullmatch(told.wanted):
            parser.error(f"{told.wanted} is no version such as 0.2.0")
        write(told.wanted)
    wrong = differing(version())
    if wrong:
        sys.exit(
            f"these do not say {version()} (python scripts/version.py --set {version()}):\n"
            + "\n".join(wrong)
        )


if __name__ == "__main__":
    main()
