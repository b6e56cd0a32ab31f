"""Headers of websocket frames, a client's and ours: RFC 6455 section 5.2. Pure."""

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # in C where that was built

TEXT, BINARY = 0x81, 0x82  # the first byte of a message that is one frame, without extensions
MASKED = 0x80  # of the second byte
LENGTH = 0x7F  # of the second byte; above 125 it says how many bytes of the length follow
TWO_BYTES = 126
MASK_BYTES = 4


def payload(data: bytes, place: int) -> tuple[int, int] | None:
    """Return the places where the payload of the frame at `place` begins and ends; None = no whole header."""
    have = len(data) - place
    if have < 2:
        return None
    length = data[place + 1] & LENGTH
    size = 2 + (MASK_BYTES if data[place + 1] >= MASKED else 0)
    if length >= TWO_BYTES:
        more = 2 if length == TWO_BYTES else 8
        size += more
        length = int.from_bytes(data[place + 2 : place + 2 + more])
    return (place + size, place + size + length) if have >= size else None


def is_binary_message(data: bytes, place: int) -> bool:
    """Whether the frame at `place` is a whole message of bytes, masked as a client's has to be."""
    return data[place] == BINARY and data[place + 1] >= MASKED


def unmasked(data: bytes, begin: int, end: int) -> bytes:
    """The payload that lies from `begin` to `end`, behind its mask."""
    return bytes(apply_mask(data[begin:end], data[begin - MASK_BYTES : begin]))


def message(data: str | bytes) -> bytes:
    """Return a server's message, text or binary, as one frame."""
    first, data = (TEXT, data.encode()) if isinstance(data, str) else (BINARY, data)
    size = len(data)
    if size < TWO_BYTES:
        return bytes((first, size)) + data
    if size < 1 << 16:
        return bytes((first, TWO_BYTES)) + size.to_bytes(2) + data
    return bytes((first, LENGTH)) + size.to_bytes(8) + data
