"""Addresses that webhooks may go to: nobody has the mesh ask its own network."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST = 2000  # characters
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
PORTS = {"https": 443, "http": 80}
RESOLVE_S = 5.0


class RefusedError(Exception):
    """An address is none that a webhook may go to; asking again does not help."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: `url` has the number of the host, which cannot change any more, `host` its name."""

    url: str
    host: str  # with its port, as in the header
    name: str  # for the certificate


async def resolve(url: str, *, private: bool) -> Target:
    """Check an address and look up its host once.

    Args:
        private: whether plain HTTP and private addresses are allowed.

    Raises:
        RefusedError: it is not allowed.
        OSError: the name is not known now.
        TimeoutError: nobody answers for it.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as exc:
        raise RefusedError("no port") from exc
    if len(url) > LONGEST or parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise RefusedError("no address of a web server")
    if parts.scheme == "http" and not private:
        raise RefusedError("not https")
    async with asyncio.timeout(RESOLVE_S):
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    numbers = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
    if not numbers or not (private or all(map(is_public, numbers))):
        raise RefusedError("a private address")
    number = f"[{numbers[0]}]" if numbers[0].version == 6 else str(numbers[0])
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    netloc = parts.netloc.rpartition("@")[2]
    return Target(f"{parts.scheme}://{number}:{port}{path or '/'}", netloc, parts.hostname)


def is_public(number: Address) -> bool:
    """Whether an address is one of the Internet, also by the ones that it stands for."""
    if isinstance(number, ipaddress.IPv6Address):
        inner = [number.ipv4_mapped, number.sixtofour, *(number.teredo or ())]
        if any(one is not None for one in inner) or any(number in network for network in NAT64):
            return False
    return number.is_global and not number.is_multicast and not number.is_reserved
