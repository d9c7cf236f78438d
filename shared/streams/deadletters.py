"""Dead letters: the record as it came, its origin and the reason in headers."""

from shared.streams.publish import Headers, Record

LONGEST = 512 * 1024  # bytes of a value: a letter must pass where the record itself might not


def letter(topic: str, key: bytes | None, value: bytes, origin: dict[str, str]) -> Record:
    """Return the record for ``<topic>.dlq``.

    ``origin`` names where it came from and why it was refused: ``origin-topic``,
    ``origin-partition``, ``origin-offset`` or ``origin-file``, ``origin-line``; and ``reason``.
    Of a value above ``LONGEST`` it keeps the beginning; ``value-bytes`` says how long it was.
    """
    said = {**origin, "value-bytes": str(len(value))} if len(value) > LONGEST else origin
    headers: Headers = tuple((name, text.encode()) for name, text in said.items())
    return Record(f"{topic}.dlq", key, value[:LONGEST], None, headers)
