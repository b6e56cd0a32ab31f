"""Nothing hostile leaves the endpoints of broadcasts."""

import contextlib
import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import rpc
from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
    EndBroadcast,
    FindBroadcast,
    MakeBroadcast,
)
from dragoman_edge.model.requests import IssuedToken, IssueToken, Names
from tests.support.vas_broadcasts import (
    MADE,
    OWNER,
    request,
)
from tests.support.vas_codec import (
    NOW,
)

FIELDS = st.sampled_from(
    ["name", "transcription_language", "translation_languages", "max_viewers", "access_type", "pass_code",
     "password", "standby_message", "lang", "tts", "viewer_access_token", "page", "per_page"]
)  # fmt: skip
ANYTHING = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(["es", 1])
BODIES = st.dictionaries(FIELDS, ANYTHING, max_size=4).map(lambda body: json.dumps(body).encode())


@given(
    BODIES | st.binary(max_size=30),
    st.dictionaries(FIELDS, st.text(max_size=8), max_size=4),
    st.text(max_size=8),
)
def test_nothing_hostile_leaves_the_endpoints(body: bytes, query: dict[str, str], name: str) -> None:
    asked = replace(request(None, query, id=name, token=name), body=body)
    for one in Vas.routes:
        answers: dict[type, Any] = {
            rpc.AuthenticateRequest: OWNER, IssueToken: IssuedToken(token="T"),
            MakeBroadcast: MADE, FindBroadcast: MADE, EndBroadcast: None, Names: ["b-1"],
            Admit: Admitted("vat_x", NOW),
        }  # fmt: skip
        exchange = one.handle(asked)
        try:
            question = next(exchange)
            while True:
                question = exchange.send(answers[type(question)])
        except StopIteration as done:
            assert json.dumps(done.value.body)
    with contextlib.suppress(PeerError):
        Vas().watch(asked)
