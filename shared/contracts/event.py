"""CloudEvents 1.0 in structured mode: the record's value is the whole event as one JSON object.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
BATCH_CONTENT_TYPE = "application/cloudevents-batch+json"
SEQUENCE_DIGITS = 20

CODE = r"[A-Za-z0-9_.\-]{1,32}"
Code = Annotated[str, StringConstraints(pattern=f"^{CODE}$")]
"""A broker's, account's, branch's or person's code: it may stand in a key and in a log."""

Sequence = Annotated[str, StringConstraints(pattern=r"^\d{20}$")]


class Model(BaseModel):
    """Frozen; a consumer ignores fields it does not know, so a producer may add optional ones."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Event(Model):
    """A fact that has happened, named in the past tense.

    ``source`` and ``id`` together are its identity. ``sequence`` (the CloudEvents extension) grows
    along the records of one key; a consumer that keeps the last one per key skips repeats.
    ``data`` is narrowed by each type.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(min_length=1, max_length=200)
    source: str = Field(min_length=1, max_length=200)
    type: str
    subject: str = Field(min_length=1, max_length=100)
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: Sequence | None = None
    data: Any

    def encode(self) -> bytes:
        """Return the record's value: canonical (declared order, absent options left out)."""
        return self.model_dump_json(exclude_none=True).encode()


def sequence_of(number: int) -> str:
    """Return a number as the wire's sequence, so that text order is number order.

    >>> sequence_of(42)
    '00000000000000000042'
    """
    return f"{number:0{SEQUENCE_DIGITS}d}"
