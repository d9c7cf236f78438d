"""What a dry run shows: bad rows, counts, and the first good rows, with nobody's data in clear."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

import msgspec
from pydantic import BaseModel

from services.ingest.domain.rows import Reading
from shared.kernel.masking import Personal, mask_account, mask_name

ACCOUNTS = ("account", "customer_id", "subject")
NAMES = ("name", "customer_name", "display_name")
HIDDEN = ("mobile", "email", "serial", "note")


@dataclass(frozen=True)
class Check:
    """What was read of a file, and how many of its rows are to be shown, good and bad."""

    takes: str
    reading: Reading[Any]
    most: int


def shown(check: Check) -> Iterator[str]:
    """Yield the lines of a dry run's report."""
    good, bad = check.reading.good, check.reading.bad
    for wrong in bad[: check.most]:
        yield f"✗ 第 {wrong.line} 行 line {wrong.line}: {wrong.reason}"
    if len(bad) > check.most:
        yield f"  … 还有 {len(bad) - check.most} 条坏行 more bad rows"
    for row in good[: check.most]:
        yield f"· 第 {row.line} 行 line {row.line}: {masked(row.row)}"
    mark = "✗" if bad else "✓"
    yield f"{mark} {check.takes}: 好 good {len(good)}，坏 bad {len(bad)}"


def masked(row: object) -> str:
    """Return what would be told of a row, as JSON, its client and people masked."""
    return msgspec.json.encode(_masked(_plain(row)), enc_hook=str).decode()


def _plain(value: object) -> Any:
    match value:
        case BaseModel():
            return value.model_dump(mode="json", exclude_none=True)
        case Personal():
            return str(value)
        case _ if isinstance(value, msgspec.Struct):
            return _without_none(msgspec.structs.asdict(value))
        case tuple() if hasattr(value, "_asdict"):
            return _without_none(value._asdict())
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _without_none(asdict(value))
        case _:
            return value


def _without_none(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in told.items() if value is not None}


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {inner: _masked(one, inner) for inner, one in value.items()}
    if name in ACCOUNTS:
        broker, colon, account = str(value).rpartition(":")
        return f"{broker}{colon}{mask_account(account)}"
    if name in NAMES:
        return mask_name(str(value))
    if name == "id":
        return "***"
    return "***" if name in HIDDEN else value
