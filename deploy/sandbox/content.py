"""What a message says once it is read, and the checks that all kinds of messages share."""

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from deploy.sandbox.entries import Refused

URL_BYTES = 2048
T = TypeVar("T")


@dataclass(frozen=True)
class Content:
    """The title, all displayed text line by line, and the fields a phone will cut.

    ``changeable``: a card with buttons, which a response_code updates.
    """

    title: str
    text: str
    overlong: tuple[str, ...] = ()
    changeable: bool = False


def shaped(request: Mapping[str, Any], msgtype: str, shape: type[T]) -> T:
    """Return the message's part of the request in its shape; 40058 names the field that is not."""
    try:
        return msgspec.convert(request.get(msgtype), shape)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise Refused(40058, f"{msgtype}{place.rstrip('`')}: {reason.replace('`', '')}") from None


def limited(field: str, text: str, most_bytes: int) -> str:
    """Return the text; raise 44004 when it is empty and 45002 when it is too long."""
    if not text.strip():
        raise Refused(44004, f"{field} is empty")
    if len(text.encode(errors="replace")) > most_bytes:
        raise Refused(45002, f"{field} exceed max length {most_bytes}")
    return text


def linked(field: str, url: str) -> str:
    """Return the address; 40058 unless it is http(s) and not too long."""
    if not url.startswith(("http://", "https://")):
        raise Refused(40058, f"{field} must be a url with http or https")
    if len(url.encode(errors="replace")) > URL_BYTES:
        raise Refused(40058, f"{field} exceed max length {URL_BYTES}")
    return url


def at_most(field: str, items: Sized, most: int) -> None:
    """Raise 40058 when a list is longer than the platform shows."""
    if len(items) > most:
        raise Refused(40058, f"{field} exceed max size {most}")
