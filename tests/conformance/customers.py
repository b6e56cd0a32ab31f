"""Accounts of the tests' own."""

from typing import Any

from dragoman_cli.mesh import Mesh
from dragoman_cli.rest import Admin


def customer(made: Mesh, credits: int, **key_fields: Any) -> tuple[Admin, str, str]:
    """A new account with two sessions at most: its administrator, its id and its key."""
    known = made.state()["admin"]
    assert isinstance(known, dict)
    admin = Admin(known["url"], known["token"])
    account = admin.call("POST", "/v1/accounts", {"name": "customer", "tier": "starter"})["id"]
    if credits:
        body = {"micro": credits}
        admin.call("POST", f"/v1/accounts/{account}/topups", body, **{"Idempotency-Key": account})
    key = admin.call("POST", f"/v1/accounts/{account}/keys", {"label": "test", **key_fields})["secret"]
    return admin, account, key
