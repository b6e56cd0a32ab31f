"""Files on the web, in a folder and in an object store; what each says when it does not give them."""

import gzip
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragoman_models import places
from dragoman_models.errors import Broken, Missing, ModelError, SourceError, Unreachable
from dragoman_models.places import FolderPlace, Net, ObjectPlace, shown
from dragoman_models.transfer import Limits, Opened, Place

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    """Whose hosts all answer, by what `answering` says."""
    monkeypatch.setattr(places, "_answers", lambda *_: True)
    monkeypatch.setattr(places, "_through_proxy", lambda *_: False)
    made = Net(Limits(connect_s=0.1))
    yield made
    made._client.close()


def answering(net: Net, answer: Answer) -> Place:
    net._client.close()
    transport = httpx.MockTransport(answer)
    net._client = httpx.Client(transport=transport, follow_redirects=True, max_redirects=5)
    return net.place("https://user:secret@models.example/base/")


def read(place: Place, name: str = "a b.bin", offset: int = 0) -> tuple[Opened, bytes]:
    with place.open(name, offset) as opened:
        return opened, b"".join(opened.blocks)


def answered(status: int, data: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    """An answer whose bytes have not been read yet."""
    told = {"Content-Length": str(len(data))} | (headers or {})
    return httpx.Response(status, stream=httpx.ByteStream(data), headers=told)


def fails(exc: type[httpx.RequestError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise exc("https://signed.example?key=secret", request=request)

    return answer


def test_a_file_of_the_web_is_asked_for_by_its_quoted_name(net: Net) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answered(200, b"abc")

    opened, data = read(answering(net, answer))
    assert (opened.offset, opened.size, data) == (0, 3, b"abc")
    assert asked[0].url.raw_path == b"/base/a%20b.bin"
    assert asked[0].headers["Accept-Encoding"] == "identity" and "Range" not in asked[0].headers


def test_a_rest_is_asked_for_and_its_whole_size_is_known(net: Net) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Range"] == "bytes=3-"
        return answered(206, b"def", {"Content-Range": "bytes 3-5/6"})

    opened, data = read(answering(net, answer), offset=3)
    assert (opened.offset, opened.size, data) == (3, 6, b"def")


def test_a_packed_file_stays_packed(net: Net) -> None:
    packed = gzip.compress(b"abc")
    headers = {"Content-Encoding": "gzip"}
    place = answering(net, lambda request: answered(200, packed, headers))
    assert read(place, "a.gz")[1] == packed
    with pytest.raises(SourceError, match="encoded, which was not asked for"):
        read(place, "a.bin")


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (404, {}, Missing),
        (410, {}, Missing),
        (429, {}, Broken),
        (503, {}, Broken),
        (403, {}, SourceError),
        (206, {"Content-Range": "bytes 9-11/12"}, SourceError),
    ],
)
def test_an_answer_without_the_file_says_whether_another_try_may_help(
    net: Net, status: int, headers: dict[str, str], kind: type[SourceError]
) -> None:
    place = answering(net, lambda request: httpx.Response(status, content=b"x", headers=headers))
    with pytest.raises(SourceError) as caught:
        read(place, offset=3)
    assert type(caught.value) is kind and "secret" not in str(caught.value)


def test_a_rest_that_is_longer_than_the_file_begins_again(net: Net) -> None:
    opened, data = read(answering(net, lambda request: httpx.Response(416)), offset=99)
    assert (opened.offset, opened.size, data) == (0, 0, b"")


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError, Unreachable),
        (httpx.ProxyError, Unreachable),
        (httpx.ReadTimeout, Broken),
        (httpx.RemoteProtocolError, Broken),
        (httpx.TooManyRedirects, SourceError),
    ],
)
def test_a_connection_that_fails_is_told_without_its_address(
    net: Net, failure: type[httpx.RequestError], kind: type[SourceError]
) -> None:
    with pytest.raises(SourceError) as caught:
        read(answering(net, fails(failure)))
    assert type(caught.value) is kind and "secret" not in str(caught.value)


def test_a_host_that_is_away_is_not_asked_again(net: Net) -> None:
    place = answering(net, fails(httpx.ConnectError))
    net._answered["models.example:443"] = True
    with pytest.raises(Unreachable, match="does not answer"):
        read(place)
    assert net._answered == {"models.example:443": False}
    place = answering(net, lambda request: httpx.Response(200))
    with pytest.raises(Unreachable, match=r"models\.example:443 does not answer"):
        read(place)


def test_hosts_that_do_not_answer_share_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def answers(host: str, port: int, timeout_s: float) -> bool:
        given.append(timeout_s)
        return False

    monkeypatch.setattr(places, "_answers", answers)
    monkeypatch.setattr(places, "_through_proxy", lambda *_: False)
    net = Net(Limits(connect_s=1.0, connect_later_s=0.2))
    net._left_s = 0.0
    for host in ("one", "two", "one"):
        with pytest.raises(Unreachable):
            net._reach(f"http://{host}/x")
    assert given == [0.2, 0.2]
    net._client.close()


def test_behind_a_proxy_nobody_is_knocked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert places._through_proxy("http", "models.example")
    net = Net(Limits())
    net._reach("http://models.example/x")
    assert net._answered == {}
    net._client.close()


def test_somebody_answers_or_not_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection:
        def close(self) -> None:
            pass

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError

    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: Connection())
    assert places._answers("host", 1, 1.0)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert not places._answers("host", 1, 1.0)


@pytest.mark.parametrize("address", ["ftp://x/y", "models", "", "/srv/models"])
def test_an_address_of_another_kind_is_told_with_those_that_are_understood(net: Net, address: str) -> None:
    with pytest.raises(ModelError, match="is not an address: use https://"):
        net.place(address)


def test_an_address_is_shown_without_password_and_query() -> None:
    assert shown("https://u:secret@host:1/a?sig=secret") == "https://host:1/a"


# Folders


def test_a_folder_gives_its_files_from_any_place(net: Net, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abcdef")
    place = net.place(tmp_path.as_uri())
    assert isinstance(place, FolderPlace)
    assert read(place, "a", 2)[1] == b"cdef"
    opened, data = read(place, "a", 99)
    assert (opened.offset, opened.size, data) == (6, 6, b"")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../x"])
def test_nothing_outside_of_a_folder_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="is not a name of a file"):
        read(FolderPlace("file:///x", tmp_path), name)


def test_what_is_no_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for name in ("nothing", "d"):
        with pytest.raises(Missing):
            read(FolderPlace("file:///x", tmp_path), name)


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match="may not be read"):
        read(FolderPlace("file:///x", tmp_path), "a")


# Object stores


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A store in memory, behind the address of a bucket."""
    obstore = pytest.importorskip("obstore")
    from obstore.store import MemoryStore

    store = MemoryStore()
    monkeypatch.setattr("obstore.store.from_url", lambda *_, **__: store)
    monkeypatch.setattr(places, "PIECE", 4)
    obstore.put(store, "a", b"abcdefghij")
    return store


def test_an_object_comes_in_pieces_from_any_place(bucket: Any, net: Net) -> None:
    place = net.place("s3://bucket/prefix/")
    assert isinstance(place, ObjectPlace)
    opened, data = read(place, "a", 3)
    assert (opened.offset, opened.size, data) == (3, 10, b"defghij")
    with pytest.raises(Missing, match="s3://bucket/prefix has no b"):
        read(place, "b")


def test_a_store_that_fails_is_told_without_its_words(
    bucket: Any, net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("https://signed?secret")

    monkeypatch.setattr("obstore.head", broken)
    with pytest.raises(Broken, match=r"does not give a \(RuntimeError\)"):
        read(net.place("s3://bucket"), "a")
    monkeypatch.setattr("obstore.store.from_url", broken)
    with pytest.raises(ModelError, match=r"cannot be used: RuntimeError"):
        net.place("s3://bucket")


def test_without_the_library_its_package_is_named(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(ModelError, match="object-store"):
        net.place("gs://bucket")
