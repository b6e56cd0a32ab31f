"""A link that signs a browser in, once."""

import httpx

WAIT_S = 10.0


class LinkError(Exception):
    """No link could be made; the message is for people."""


def browser_link(url: str, key: str) -> str:
    """Ask an edge for a one-time link to its playground; it works for ten minutes.

    Raises:
        LinkError: refused or not reached.
    """
    try:
        answer = httpx.post(
            f"{url.rstrip('/')}/v1/browser-links",
            headers={"Authorization": f"Bearer {key}"},
            timeout=WAIT_S,
        )
        answer.raise_for_status()
        return str(answer.json()["url"])
    except httpx.HTTPStatusError as exc:
        raise LinkError(f"the edge refused: {exc.response.status_code} {exc.response.text[:200]}") from exc
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as exc:
        raise LinkError(f"the edge at {url} cannot be reached: {type(exc).__name__}") from exc
