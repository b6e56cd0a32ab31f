"""Requests that an API wants over HTTP before it gives a socket."""

import ssl

import httpx

from dragoman_cli.load.speaker import Ask, Speaker

READY_WAIT_S = 20.0  # for each step of an opening


class RefusedError(Exception):
    """The HTTP request before the socket was; the message says how, without anything of the answer."""


def client() -> httpx.AsyncClient:
    """For what comes before a socket; trusts the same servers and takes no proxy, as the socket."""
    return httpx.AsyncClient(timeout=READY_WAIT_S, trust_env=False, verify=ssl.create_default_context())


async def admitted(ask: Ask, http: httpx.AsyncClient) -> Speaker:
    """Make the speaker from the API's answer.

    Raises:
        RefusedError: it is no success, or not of this API.
        httpx.HTTPError: there is none.
    """
    answer = await http.request(ask.method, ask.url, headers=ask.headers, params=ask.query, json=ask.body)
    if not answer.is_success:
        raise RefusedError(f"HTTP {answer.status_code}")
    try:
        return ask.then(answer.json())
    except (ValueError, LookupError, TypeError):
        raise RefusedError("answer that is not of this API") from None
