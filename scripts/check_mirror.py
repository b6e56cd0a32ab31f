"""Check that every module has its tests where they are looked for, and that every test file has its module.

Usage: python scripts/check_mirror.py [--list]
"""

import argparse
import sys
from pathlib import Path

from tested_modules import ROOT, modules


def missing() -> list[str]:
    """Modules without a test file, as "module: expected test file"."""
    return [f"{m.path}: no {m.tests}/test_{m.name}.py" for m in modules() if not m.test_files()]


def main() -> int:
    """Print what is missing.

    Returns: 1 if a module has no test file.
    """
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--list", action="store_true", help="print every module with its test files")
    if parser.parse_args().list:
        for module in modules():
            files = ", ".join(str(Path(f).relative_to(ROOT)) for f in module.test_files()) or "none"
            print(f"{module.path}: {files}")
        return 0
    lacking = missing()
    for line in lacking:
        print(line)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
