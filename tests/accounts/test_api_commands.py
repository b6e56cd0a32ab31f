"""`dragoman accounts` and `dragoman keys`, against the service as a process."""

import json
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from dragoman_accounts.settings import AccountsSettings
from dragoman_accounts.tiers import parse
from dragoman_cli.admin import in_credits, micro_of
from dragoman_cli.main import app
from dragoman_cli.processes import Managed, stop_all, wait_ready
from tests.accounts.test_main_process import environment

pytestmark = pytest.mark.integration

TOKEN = "an admin token for tests"


class Cli:
    """The commands, pointed at the service."""

    def __init__(self, url: str) -> None:
        self.env = {"DRAGOMAN_ADMIN_URL": url, "DRAGOMAN_ADMIN_TOKEN": TOKEN, "COLUMNS": "200"}

    def fails(self, *arguments: str, **env: str) -> str:
        done = CliRunner().invoke(app, arguments, env=self.env | env)
        assert done.exit_code != 0
        return f"{done.output}{done.exception}"

    def __call__(self, *arguments: str) -> str:
        done = CliRunner().invoke(app, arguments, env=self.env)
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))


@pytest.fixture(scope="module")
def cli(nats_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    folder = tmp_path_factory.mktemp("accounts")
    command = [sys.executable, "-m", "dragoman_accounts"]
    process = Managed("accounts", command, folder / "log", environment(nats_url, redis_url, folder)).start()
    try:
        while not (folder / "port").exists():
            assert process.alive, process.tail()
            time.sleep(0.02)
        url = f"http://127.0.0.1:{(folder / 'port').read_text().strip()}"
        wait_ready(process, url)
        yield Cli(url)
    finally:
        stop_all([process])


def test_an_account_gets_credits_once_per_request(cli: Cli) -> None:
    account = cli.json("accounts", "create", "Acme [bold]", "--tier", "business")["id"]
    for _ in range(2):
        cli("accounts", "topup", account, "25.000001", "--request", "invoice-7", "--note", "first")
    assert cli.json("accounts", "show", account)["available"] == 25_000_001
    assert "Acme [bold]" in cli("accounts", "list")
    assert "25.000001" in cli("accounts", "usage", account)
    assert cli("accounts", "usage", account, "--csv").count("\n") == 2
    assert "adds up" in cli("accounts", "reconcile", account)


def test_a_key_is_printed_once_and_listed_without_its_secret(cli: Cli) -> None:
    secret = cli("keys", "create", "--label", "laptop", "--days", "7").strip()
    assert secret.startswith("dk_live_")
    listed = cli("keys", "list")
    assert "laptop" in listed and secret not in listed and secret[:14] in listed
    key = next(line.split()[1] for line in listed.splitlines() if secret[:14] in line)
    cli("keys", "revoke", key)
    assert "revoked" in cli("keys", "list")


def test_an_account_is_suspended_and_taken_back(cli: Cli) -> None:
    account = cli.json("accounts", "create", "Acme")["id"]
    assert "suspended" in cli("accounts", "change", account, "--status", "suspended")
    assert "active" in cli("accounts", "change", account, "--status", "active")


def test_sessions_tiers_and_proofs_are_shown(cli: Cli) -> None:
    assert cli.json("accounts", "sessions") == []
    assert "business" in cli("accounts", "tiers")
    assert "acc_development" in cli("accounts", "reconcile")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("accounts", "show", "acc_none"), "there is no such account"),
        (("accounts", "create", "x", "--tier", "gold"), "tiers are business, development, starter"),
        (("accounts", "topup", "acc_development", "x"), "x is not an amount"),
        (("accounts", "topup", "acc_development", "0.0000001"), "at most six decimals"),
        (("accounts", "topup", "acc_development", "9e15"), "less than or equal to"),
        (("accounts", "end", "acc_development", "s_none"), "there is no such"),
        (("keys", "revoke", "key_none"), "there is no such key"),
        (("keys", "revoke", ""), "Not Found"),
    ],
)
def test_a_refusal_is_one_clear_line(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    assert message in cli.fails(*arguments)


def test_a_wrong_token_and_a_missing_mesh_say_what_to_do(cli: Cli, tmp_path: Path) -> None:
    assert "DRAGOMAN_ADMIN_TOKEN" in cli.fails("keys", "list", DRAGOMAN_ADMIN_TOKEN="wrong")
    assert "dragoman up" in cli.fails("keys", "list", DRAGOMAN_ADMIN_URL="http://127.0.0.1:1")
    empty = {"DRAGOMAN_ADMIN_URL": "", "DRAGOMAN_ADMIN_TOKEN": ""}
    assert "dragoman up" in cli.fails("keys", "list", XDG_DATA_HOME=str(tmp_path), **empty)


def test_a_running_mesh_is_found_by_its_state_file(cli: Cli, tmp_path: Path) -> None:
    admin = {"url": cli.env["DRAGOMAN_ADMIN_URL"], "token": TOKEN}
    (tmp_path / "dragoman").mkdir()
    (tmp_path / "dragoman" / "mesh.json").write_text(json.dumps({"admin": admin}))
    done = CliRunner().invoke(app, ["accounts", "list"], env={"XDG_DATA_HOME": str(tmp_path)})
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("micro", "text"),
    [(0, "0"), (1, "0.000001"), (1_500_000, "1.5"), (-2_000_000, "-2"), (10**15 + 1, "1,000,000,000.000001")],
)
def test_credits_are_written_exactly(micro: int, text: str) -> None:
    assert in_credits(micro) == text
    if micro > 0:
        assert micro_of(text.replace(",", "")) == micro


@pytest.mark.parametrize("text", ["", "-1", "0", "NaN", "Infinity", "1,5", "0.0000005", "١٢.x"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        micro_of(text)


DOCUMENT = Path(__file__).parents[2] / "docs" / "accounts.md"


def test_every_command_of_the_documentation_runs(cli: Cli) -> None:
    block = DOCUMENT.read_text().partition("```sh\n")[2].partition("```")[0]
    commands = [shlex.split(line)[1:] for line in block.splitlines()]
    assert len(commands) >= 10
    for command in commands:
        cli(*command)
    assert cli.json("accounts", "show", "acme")["available"] == 25_000_000


def test_the_tier_file_of_the_documentation_is_usable() -> None:
    text = DOCUMENT.read_text().partition("```yaml\n")[2].partition("```")[0]
    assert parse(text)["support-desk"].key_limit == 10


def test_every_setting_is_documented() -> None:
    text = DOCUMENT.read_text()
    missing = [name for name in AccountsSettings.model_fields if f"`{name.upper()}`" not in text]
    assert missing == []
