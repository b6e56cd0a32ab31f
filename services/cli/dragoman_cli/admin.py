"""`dragoman accounts …`: credits, usage, live sessions and the proof that the money adds up."""

import json
import secrets
import time
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from dragoman_cli.rest import find

MICRO = 1_000_000
DEFAULT_ACCOUNT = "acc_development"

app = typer.Typer(
    no_args_is_help=True,
    help="Accounts: credits, usage, live sessions.",
    epilog="Example: dragoman accounts list",
)

Url = Annotated[str, typer.Option("--admin-url", help="Accounts; else DRAGOMAN_ADMIN_URL or the local mesh")]
Token = Annotated[str, typer.Option("--admin-token", help="Its admin token; else DRAGOMAN_ADMIN_TOKEN")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Account = Annotated[str, typer.Argument(help="Account id.")]
OptionalAccount = Annotated[str, typer.Argument(help="Account id.")]


@app.command("create")
def create_account(
    name: Annotated[str, typer.Argument(help="Name for people.")],
    tier: Annotated[str, typer.Option(help="A tier of the tier file.")] = "starter",
    account_id: Annotated[str, typer.Option("--id", help="Its id; empty = a random one.")] = "",
    url: Url = "", token: Token = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Make an account.

    Example: dragoman accounts create Acme --tier business
    """
    client = find(url, token)
    body = {"name": name, "tier": tier, "id": account_id}
    _show(client.call("POST", "/v1/accounts", body), as_json, _account)


@app.command("list")
def list_accounts(url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """List the accounts.

    Example: dragoman accounts list
    """
    client = find(url, token)
    _show(list(client.pages("/v1/accounts")), as_json, _accounts)


@app.command("show")
def show_account(
    account: OptionalAccount = DEFAULT_ACCOUNT,
    url: Url = "", token: Token = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Show an account and its credits.

    Example: dragoman accounts show acc_x
    """
    client = find(url, token)
    _show(client.call("GET", f"/v1/accounts/{account}"), as_json, _account)


@app.command("change")
def change_account(
    account: Account,
    tier: Annotated[str, typer.Option(help="Another tier.")] = "",
    name: Annotated[str, typer.Option(help="Another name.")] = "",
    status: Annotated[str, typer.Option(help="active, or suspended: ends its sessions.")] = "",
    url: Url = "", token: Token = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Change an account.

    Example: dragoman accounts change acc_x --status suspended
    """
    given = {"tier": tier, "name": name, "status": status}
    body = {field: value for field, value in given.items() if value}
    client = find(url, token)
    _show(client.call("PATCH", f"/v1/accounts/{account}", body), as_json, _account)


@app.command("topup")
def top_up(
    account: Account,
    credits: Annotated[str, typer.Argument(help="Credits, with at most six decimals.")],
    request: Annotated[str, typer.Option(help="Repeating this id does not add again.")] = "",
    note: Annotated[str, typer.Option(help="Kept in the statement.")] = "",
    url: Url = "", token: Token = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Add credits to an account.

    Example: dragoman accounts topup acc_x 25 --request invoice-7
    """
    body = {"micro": micro_of(credits), "note": note}
    headers = {"Idempotency-Key": request or secrets.token_hex(16)}
    client = find(url, token)
    answer = client.call("POST", f"/v1/accounts/{account}/topups", body, **headers)
    _show(answer, as_json, lambda a: f"{in_credits(a['available'])} credits are available")


@app.command("usage")
def usage(
    account: OptionalAccount = DEFAULT_ACCOUNT,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    url: Url = "", token: Token = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Print an account's statement.

    Example: dragoman accounts usage acc_x --csv > usage.csv
    """
    client = find(url, token)
    if csv:
        typer.echo(client.text(f"/v1/accounts/{account}/usage.csv"), nl=False)
        return
    _show(list(client.pages(f"/v1/accounts/{account}/usage")), as_json, _statement)


@app.command("sessions")
def sessions(
    account: OptionalAccount = DEFAULT_ACCOUNT,
    url: Url = "", token: Token = "", as_json: Json = False,
) -> None:  # fmt: skip
    """List the live sessions.

    Example: dragoman accounts sessions acc_x --json
    """
    client = find(url, token)
    _show(list(client.pages(f"/v1/accounts/{account}/sessions")), as_json, _sessions)


@app.command("end")
def end_session(
    account: Account,
    session: Annotated[str, typer.Argument(help="Session id.")],
    url: Url = "", token: Token = "",
) -> None:  # fmt: skip
    """End a live session.

    Example: dragoman accounts end acc_x ses_y
    """
    client = find(url, token)
    client.call("DELETE", f"/v1/accounts/{account}/sessions/{session}")
    typer.echo(f"{session} was told to end")


@app.command("erase")
def erase(
    account: Account,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = "", token: Token = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Erase everything that an account's sessions have left behind, for good; keys and ledger stay.

    Example: dragoman accounts erase acc_x
    """
    if not yes:
        typer.confirm(f"Erase all kept sessions of {account}?", abort=True)
    client = find(url, token)
    answer = client.call("DELETE", f"/v1/accounts/{account}/tasks")
    _show(answer, as_json, lambda a: f"{a['tasks']} kept sessions of {account} are erased")


@app.command("reconcile")
def reconcile(
    account: Annotated[str, typer.Argument(help="Account id; none = all.")] = "",
    url: Url = "", token: Token = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Prove that every balance is top-ups minus ledger minus holds; exit status 1 where it is not.

    Example: dragoman accounts reconcile
    """
    client = find(url, token)
    ids = [account] if account else [item["id"] for item in client.pages("/v1/accounts")]
    proofs = [client.call("GET", f"/v1/accounts/{one}/reconciliation") for one in ids]
    _show(proofs, as_json, _proofs)
    if any(proof["problems"] for proof in proofs):
        raise typer.Exit(1)


@app.command("tiers")
def tiers(url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """Show the tiers.

    Example: dragoman accounts tiers
    """
    client = find(url, token)
    _show(client.call("GET", "/v1/tiers"), as_json, _tiers)


def micro_of(text: str) -> int:
    """Credits as a person writes them, in micro-credits.

    Raises:
        typer.BadParameter: no amount, or finer than a micro-credit.
    """
    try:
        micro = Decimal(text) * MICRO
        whole = int(micro)
    except (InvalidOperation, OverflowError, ValueError) as exc:
        raise typer.BadParameter(f"{text} is not an amount") from exc
    if micro != whole or whole < 1:
        raise typer.BadParameter("an amount is above zero and has at most six decimals")
    return whole


def in_credits(micro: int) -> str:
    """Micro-credits as credits, exactly."""
    sign, rest = ("-" if micro < 0 else ""), abs(micro)
    decimals = f"{rest % MICRO:06d}".rstrip("0")
    return f"{sign}{rest // MICRO:,}" + (f".{decimals}" if decimals else "")


def _show(answer: Any, as_json: bool, view: Any) -> None:
    if as_json:
        typer.echo(json.dumps(answer))
    else:
        # Labels and references are other people's text: never markup.
        Console(markup=False).print(view(answer), highlight=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMBERS else "left", overflow="fold")
    return table


_NUMBERS = {"available", "held", "charged", "credits", "uncollected", "seconds", "lines"}


def _accounts(items: list[dict[str, Any]]) -> Table:
    table = _table("id", "name", "tier", "status", "available", "held", "charged")
    for a in items:
        money = [in_credits(a[field]) for field in ("available", "held", "charged")]
        table.add_row(a["id"], a["name"], a["tier"], a["status"], *money)
    return table


def _account(account: dict[str, Any]) -> Table:
    return _accounts([account])


def _sessions(items: list[dict[str, Any]]) -> Table:
    table = _table("id", "key", "dialect", "languages", "reference", "since", "seconds", "held")
    for s in items:
        seconds = f"{s['figures']['recognised_ms'] / 1000:.1f}"
        held = in_credits(s["hold"])
        since = _when(s["opened_ms"])
        row = (s["id"], s["key_id"], s["dialect"], s["languages"], s["reference"], since, seconds, held)
        table.add_row(*row)
    return table


def _statement(items: list[dict[str, Any]]) -> Table:
    table = _table("when", "kind", "session", "languages", "reference", "seconds", "credits", "uncollected")
    for line in items:
        sign = 1 if line["kind"] == "topup" else -1
        seconds = f"{line['recognised_ms'] / 1000:.1f}" if line["session_id"] else ""
        reference = line["reference"] or line["reason"]
        table.add_row(
            _when(line["end_ms"]), line["kind"], line["session_id"], line["languages"], reference, seconds,
            in_credits(sign * line["micro"]), in_credits(line["uncollected"]),
        )  # fmt: skip
    return table


def _proofs(items: list[dict[str, Any]]) -> Table:
    table = _table("account", "available", "held", "charged", "lines", "proof")
    for p in items:
        money = [in_credits(p[field]) for field in ("available", "held", "charged")]
        table.add_row(p["account_id"], *money, str(p["lines"]), "; ".join(p["problems"]) or "adds up")
    return table


def _tiers(items: list[dict[str, Any]]) -> Table:
    table = _table("tier", "sessions", "requests a minute", "micro-credits a second", "description")
    for item in items:
        tier, prices = item["tier"], item["tier"]["prices"]
        price = f"{prices['recognition']} / {prices['translation']} / {prices['speech']}"
        table.add_row(
            item["name"],
            str(tier["max_sessions"]),
            str(tier["requests_per_minute"]),
            price,
            tier["description"],
        )
    return table


def _when(ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(ms / 1000)) if ms else "never"
