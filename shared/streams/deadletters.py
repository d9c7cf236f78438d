"""Dead letters: the record as it came, its origin and the reason in headers."""

from shared.streams.publish import Headers, Record


def letter(topic: str, key: bytes | None, value: bytes, origin: dict[str, str]) -> Record:
    """Return the record for ``<topic>.dlq``.

    ``origin`` names where it came from and why it was refused: ``origin-topic``,
    ``origin-partition``, ``origin-offset`` or ``origin-file``, ``origin-line``; and ``reason``.
    """
    headers: Headers = tuple((name, text.encode()) for name, text in origin.items())
    return Record(f"{topic}.dlq", key, value, None, headers)
