"""What the pages say is what the code does."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from dragoman_cli.main import app

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("proto/*.md")])


def test_the_tables_of_settings_and_metrics_are_those_of_the_code() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "settings_table.py"), "--check"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr


def test_every_span_of_the_code_is_on_the_page() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    table = page.partition("## Traces")[2].partition("##")[0]
    told = set(re.findall(r"^\| `([\w.*]+)` \|", table, re.MULTILINE))
    code = "\n".join(path.read_text() for path in (ROOT / "services").rglob("*.py"))
    names = re.findall(r"(?:telemetry\.span|_tracer\(\)\.start_span)\(\s*f?\"([^\"]+)\"", code)
    assert told == {re.sub(r"\{[\w.]+\}", "*", name) for name in names}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_on_a_page_exists(page: Path) -> None:
    shown = "\n".join(re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL))
    for line in re.findall(r"^(?:.* \| )?dragoman (.+)$", shown, re.MULTILINE):
        command: Any = typer.main.get_command(app)
        words = line.split(" #")[0].split(" > ")[0].split()
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert not hasattr(command, "commands"), f"{page.name}: dragoman {line}"
        known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known, f"{page.name}: dragoman {line}"
