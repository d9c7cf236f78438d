"""帧 — what goes over the wire: four bytes of length, then one JSON object."""

import socket
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

LENGTH = struct.Struct(">I")
LARGEST = 1_000_000  # bytes; anything longer is not ours


class NotOurs(ConnectionError):
    """The other side does not speak this protocol."""


def frame(message: dict[str, Any]) -> bytes:
    r"""Return a message as it is sent.

    >>> frame({"call": "x"})
    b'\x00\x00\x00\x0c{"call":"x"}'
    """
    body = msgspec.json.encode(message)
    return LENGTH.pack(len(body)) + body


def messages(connection: socket.socket) -> Iterator[dict[str, Any]]:
    """Yield what comes until the other side hangs up; raises ``NotOurs`` for rubbish."""
    with connection.makefile("rb") as stream:
        while head := stream.read(LENGTH.size):
            (size,) = LENGTH.unpack(head) if len(head) == LENGTH.size else (LARGEST + 1,)
            if size > LARGEST:
                raise NotOurs(f"a frame of {size} bytes")
            body = stream.read(size)
            if len(body) < size:
                return
            try:
                yield msgspec.json.decode(body, type=dict[str, Any])
            except msgspec.DecodeError as failure:
                raise NotOurs(str(failure)) from None
