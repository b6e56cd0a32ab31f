"""Addresses that webhooks may go to: those of the Internet, and the number is the one that was checked."""

import ipaddress
import socket
from typing import Any

import pytest

from dragoman_archive.webhooks.target import RefusedError, Target, is_public, resolve


class Names:
    """A resolver; each name has numbers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> None:
        self.names = names
        self.asked: list[str] = []
        monkeypatch.setattr("asyncio.BaseEventLoop.getaddrinfo", self.look_up)

    async def look_up(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        found = self.names.get(host.partition(".")[0], [host])
        if not found:
            raise socket.gaierror
        return [(0, 0, 0, "", (number, port)) for number in found]


async def test_a_public_host_is_asked_under_the_number_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = Names(monkeypatch, hooks=["93.184.216.34"], six=["2606:2800:220:1::1"])
    found = await resolve("https://hooks.example.com:8443/a?b=c", private=False)
    assert found == Target("https://93.184.216.34:8443/a?b=c", "hooks.example.com:8443", "hooks.example.com")
    assert (await resolve("https://six.example", private=False)).url == "https://[2606:2800:220:1::1]:443/"
    assert names.asked == ["hooks.example.com", "six.example"]


PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:7f00:1::",
    "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("number", PRIVATE)
async def test_an_address_of_the_own_network_is_refused(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    assert not is_public(ipaddress.ip_address(number))
    Names(monkeypatch, inside=[number], both=["93.184.216.34", number])
    for name in ("inside", "both"):
        with pytest.raises(RefusedError):
            await resolve(f"https://{name}.example.com/", private=False)
    assert (await resolve("http://inside.example.com/", private=True)).name == "inside.example.com"


@pytest.mark.parametrize("url", [
    "http://hooks.example.com", "ftp://hooks.example.com", "https://", "https://user@hooks.example.com",
    "https://user:word@hooks.example.com", "https://hooks.example.com:99999/", "hooks.example.com",
    "file:///etc/passwd", "https://hooks.example.com/" + "x" * 2000,
])  # fmt: skip
async def test_what_is_no_web_server_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    names = Names(monkeypatch, hooks=["93.184.216.34"])
    with pytest.raises(RefusedError):
        await resolve(url, private=False)
    assert names.asked == []


async def test_a_name_that_nobody_knows_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, gone=[])
    with pytest.raises(socket.gaierror):
        await resolve("https://gone.example.com/", private=False)
