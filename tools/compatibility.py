"""Tell an optional addition to a JSON Schema from a break (FULL_TRANSITIVE within a topic's major).

A topic's consumers and producers upgrade in any order, so only optional fields may come or go.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
EXACT: tuple[str, ...] = ("type", "const", "enum", "pattern", "format", "minLength", "maxLength")
EXACT += ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return what a reader or a writer of the old schema would trip over; empty: compatible.

    >>> field = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    >>> breaks(field, {**field, "properties": {**field["properties"], "b": {"type": "string"}}})
    []
    >>> breaks(field, {**field, "required": []})
    ['$: required changed: a']
    """
    return list(_compare("$", old, new, old, new))


def _compare(  # noqa: C901 one step a keyword
    at: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema
) -> Iterator[str]:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    for word in EXACT:
        if old.get(word) != new.get(word):
            yield f"{at}: {word} changed: {old.get(word)} -> {new.get(word)}"
    changed = set(old.get("required", [])) ^ set(new.get("required", []))
    if changed:
        yield f"{at}: required changed: {', '.join(sorted(changed))}"
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        if name in after:
            yield from _compare(f"{at}.{name}", before[name], after[name], old_root, new_root)
        elif name in old.get("required", []):
            yield f"{at}.{name}: removed"
    for word in ("items", "additionalProperties"):
        if isinstance(old.get(word), dict) and isinstance(new.get(word), dict):
            yield from _compare(f"{at}[{word}]", old[word], new[word], old_root, new_root)
        elif old.get(word) != new.get(word):
            yield f"{at}: {word} changed"
    yield from _variants(at, old, new, old_root, new_root)


def _variants(
    at: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema
) -> Iterator[str]:
    for word in ("oneOf", "anyOf"):
        names = {_name(s): s for s in old.get(word, [])}
        now = {_name(s): s for s in new.get(word, [])}
        for name, variant in names.items():
            if name not in now:
                yield f"{at}: {word} lost {name}"
            else:
                yield from _compare(f"{at}<{name}>", variant, now[name], old_root, new_root)


def _name(schema: Schema) -> str:
    return str(schema.get("$ref") or schema.get("type") or schema)


def _resolve(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
