"""Work orders with their long texts, and without them: stored once, named by a digest. Pure."""

import hashlib
from dataclasses import replace

from dragoman_contract import codec, rpc
from dragoman_contract.events import WorkOrder

SHORT_BYTES = 1024  # that travel with every utterance rather than being stored


def taken_out(order: WorkOrder) -> tuple[WorkOrder, bytes]:
    """Return the order that names its texts, and these; itself and nothing where they are short."""
    texts = rpc.OrderTexts(dictionary=order.dictionary, context=order.context, labels=order.labels)
    payload = codec.encode(texts)
    if len(payload) <= SHORT_BYTES:
        return order, b""
    digest = hashlib.blake2b(payload, digest_size=16).hexdigest()
    return replace(order, dictionary=(), context="", labels=(), texts=digest), payload


def put_back(order: WorkOrder, payload: bytes) -> WorkOrder:
    """Return the whole order.

    Raises:
        PeerError: `BAD_REQUEST`, when the payload is none.
    """
    texts = codec.decode(rpc.OrderTexts, payload)
    return replace(order, dictionary=texts.dictionary, context=texts.context, labels=texts.labels, texts="")
