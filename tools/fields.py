"""A pydantic model's fields as rows a person reads: name, type, default, meaning."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from shared.contracts.event import Code
from shared.contracts.instruments import Instrument
from shared.kernel.money import Money, Price

ROOT = Path(__file__).parents[1]
Schema = dict[str, Any]


class _Known(BaseModel):
    money: Money
    price: Price
    code: Code
    instrument: Instrument


_KNOWN = _Known.model_json_schema()["properties"]
PATTERNS = {
    _KNOWN["money"]["pattern"]: "money (string, 元)",
    _KNOWN["price"]["pattern"]: "price (string, 元)",
    _KNOWN["code"]["pattern"]: "code",
    _KNOWN["instrument"]["pattern"]: "instrument",
}
FORMATS = {"date-time": "time (ISO 8601 with zone)", "date": "day (YYYY-MM-DD)"}


class Row(NamedTuple):
    """One field; an ``optional`` one may be left out, and then has its ``default`` or none."""

    name: str
    type: str
    optional: bool
    default: str
    meaning: str
    secret: bool


def rows(model: type[BaseModel]) -> list[Row]:
    """Return a model's fields in the order of their declaration."""
    root = model.model_json_schema()
    meanings = said_of_fields(model)
    return [
        Row(
            name,
            words(schema, root),
            name not in root.get("required", ()),
            _default(schema),
            (schema.get("description") or meanings.get(name, "")).replace("``", "`"),
            "writeOnly" in repr(schema),
        )
        for name, schema in root["properties"].items()
    ]


def words(schema: Schema, root: Schema) -> str:
    """Say a JSON Schema in a few words.

    >>> words({"anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "null"}]}, {})
    'integer > 0'
    >>> words({"type": "object", "additionalProperties": {"type": "string"}}, {})
    'map of name → string'
    """
    if "$ref" in schema:
        return words(_resolve(schema["$ref"], root), root)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        said = (words(one, root) for one in schema["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(said))
    return _plain(schema, root)


def said_of_fields(model: type[BaseModel]) -> dict[str, str]:
    """Return what the model's docstring says behind a field's ``name``, to the next one's.

    >>> class Tick(BaseModel):
    ...     '''A minute.
    ...
    ...     ``at``: when. ``day`` (trading): which day,
    ...     at night the next.
    ...     '''
    ...     at: str
    ...     day: str
    >>> said_of_fields(Tick)
    {'at': 'when.', 'day': '(trading): which day, at night the next.'}
    """
    text = " ".join((model.__doc__ or "").split())
    names = "|".join(model.model_fields)
    found = re.findall(rf"``({names})``(?:: | (?=\(|is ))(.*?)(?= ``(?:{names})``|$)", text)
    return dict(found)


def _plain(schema: Schema, root: Schema) -> str:
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {words(schema.get('items', {}), root)}"
    if kind == "object":
        return _object(schema, root)
    named = PATTERNS.get(schema.get("pattern", "")) or FORMATS.get(schema.get("format", ""))
    text = named or schema.get("format", kind).replace("password", "string")
    for word, sign in (("exclusiveMinimum", ">"), ("minimum", "≥"), ("maximum", "≤")):
        if word in schema:
            text += f" {sign} {schema[word]}"
    if "pattern" in schema and not named:
        text += f" like `{schema['pattern']}`".replace("|", "\\|")
    return text


def _object(schema: Schema, root: Schema) -> str:
    if "properties" in schema:
        return f"object `{schema.get('title', '')}`"
    inner = schema.get("additionalProperties")
    return f"map of name → {words(inner, root)}" if isinstance(inner, dict) else "object"


def _resolve(reference: str, root: Schema) -> Schema:
    found: Schema = root["$defs"][reference.removeprefix("#/$defs/")]
    return found


def _default(schema: Schema) -> str:
    value = schema.get("default")
    if value in (None, {}, []):
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text.removeprefix(f'{ROOT}/')}`"
