"""The users of a mesh's own bus are those of the chart, each with a password of its own."""

import json
from pathlib import Path

from dragoman_cli import bus_users
from dragoman_cli.bus_users import login, operator_url, passwords, write
from dragoman_cli.mesh_options import SERVICES

TABLE = Path("helm/dragoman/files/nats-permissions.yaml")


def test_the_table_is_the_charts() -> None:
    copy = Path(bus_users.__file__).parent / TABLE.name
    assert copy.read_text() == TABLE.read_text(), f"cp {TABLE} services/cli/dragoman_cli/"


def test_every_user_has_a_password_that_no_other_mesh_has() -> None:
    one, two = passwords(), passwords()
    assert one.keys() == {*SERVICES, "operator", "route"}
    assert len(set(one.values()) | set(two.values())) == 2 * len(one)


def test_the_configuration_has_the_permissions_and_is_read_by_this_user_alone(tmp_path: Path) -> None:
    known = passwords()
    path = write(tmp_path / "nats", known, 0, [])
    assert path.stat().st_mode & 0o77 == 0
    config = json.loads(path.read_text())
    users = {user["user"]: user for user in config["authorization"]["users"]}
    assert users.keys() == {*SERVICES, "operator"} and "cluster" not in config
    assert users["tts"]["password"] == known["tts"]
    heard = users["tts"]["permissions"]["subscribe"]["allow"]
    assert "_INBOX.tts.>" in heard and "_INBOX.edge.>" not in heard
    assert "$JS.API.STREAM.CREATE.DRAGOMAN_EVENTS" in users["accounts"]["permissions"]["publish"]["allow"]


def test_nodes_of_a_bus_know_each_other(tmp_path: Path) -> None:
    known = passwords()
    cluster = json.loads(write(tmp_path, known, 1, [10, 11, 12]).read_text())["cluster"]
    assert cluster["listen"] == "127.0.0.1:11" and cluster["authorization"]["password"] == known["route"]
    assert [url.rpartition(":")[2] for url in cluster["routes"]] == ["10", "12"]


def test_people_have_the_operators_login() -> None:
    known = passwords()
    url = operator_url("nats://127.0.0.1:1,nats://127.0.0.1:2", known)
    assert url.split(",")[1] == f"nats://operator:{known['operator']}@127.0.0.1:2"
    assert login("stt", known)["DRAGOMAN_NATS_PASSWORD"] == known["stt"]
