"""The edge's pages."""

from starlette.types import ASGIApp

from dragoman_edge.pages.qr import QrCodes
from dragoman_kit.pages.site import Site

PACKAGE = "dragoman_edge.pages"
PAGES = {"/": "index.html", "/host": "host.html", "/tasks": "tasks.html", "/broadcast/*": "viewer.html"}


def with_pages(app: ASGIApp, embedded_in: str) -> ASGIApp:
    """`app` behind the pages and what they load.

    Args:
        app: what answers all other requests.
        embedded_in: origins that may show the pages in a frame, separated by spaces; empty = none.
    """
    return Site(QrCodes(app), PACKAGE, PAGES, embedded_in)
