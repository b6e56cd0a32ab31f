"""Sessions that are asked for over REST before their socket is opened."""

import httpx
import pytest

from dragoman_cli.load.admission import RefusedError, admitted
from tests.cli.load.speaking import ANSWERS, asked


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'"x"'])
async def test_an_answer_of_something_else_is_told_as_that(name: str, answer: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=answer))
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(RefusedError, match="not of this API"):
            await admitted(asked(name), http)
