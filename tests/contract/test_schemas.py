"""What the contracts generate is committed as generated; a break is told from an addition."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.topics import PUBLIC
from tools.compatibility import breaks
from tools.contracts import ADAPTERS, EXAMPLES, SCHEMAS, differences, generated, main

Schema = dict[str, Any]
Change = Callable[[Schema], None]
ALERT = SCHEMAS / "mot.alert.v1.json"


def test_schemas_golden_messages_and_structs_are_committed_as_generated() -> None:
    assert differences(generated()) == []


def test_every_public_topic_has_its_schema_and_every_type_its_golden_message() -> None:
    assert set(ADAPTERS) == {topic.name for topic in PUBLIC}
    assert {path.stem for path in SCHEMAS.iterdir()} == set(ADAPTERS)
    types = {type_ for topic in PUBLIC for type_ in topic.types}
    assert {path.stem for path in EXAMPLES.iterdir()} == types


def test_every_type_that_a_topic_lists_is_in_its_schema_and_no_other() -> None:
    for topic in PUBLIC:
        schema = json.loads((SCHEMAS / f"{topic.name}.json").read_bytes())
        bodies = [schema, *schema.get("$defs", {}).values()]
        consts = [b.get("properties", {}).get("type", {}).get("const") for b in bodies]
        assert sorted(filter(None, consts)) == sorted(topic.types)


def test_the_command_says_no_when_a_file_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check"]) == 0
    golden = EXAMPLES / "alert.raised.json"
    monkeypatch.setattr("tools.contracts.generated", lambda: {golden: b"{}"})
    assert main(["--check"]) == 1
    assert capsys.readouterr().out == "shared/contracts/examples/alert.raised.json: differs\n"


def planted(change: Change) -> dict[Any, bytes]:
    schema = json.loads(ALERT.read_bytes())
    change(schema)
    return {ALERT: json.dumps(schema).encode()}


def test_a_break_is_named_with_its_place_and_an_addition_is_none() -> None:
    def lose(schema: Schema) -> None:
        schema["$defs"]["Alert"]["required"].remove("summary")

    def gain(schema: Schema) -> None:
        schema["$defs"]["Alert"]["properties"]["note"] = {"type": "string"}

    (line,) = differences(planted(lose))
    assert line.startswith("shared/contracts/schemas/mot.alert.v1.json: BREAK, needs a .v2 topic")
    assert "required changed: summary" in line
    assert differences(planted(gain)) == ["shared/contracts/schemas/mot.alert.v1.json: addition"]


def test_a_break_is_not_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = ALERT.read_bytes()
    files = planted(lambda schema: schema["$defs"].pop("AlertWithdrawn") and schema["oneOf"].pop())
    monkeypatch.setattr("tools.contracts.generated", lambda: files)
    assert main([]) == 1
    assert ALERT.read_bytes() == before
    assert "not written" in capsys.readouterr().out


OLD: Schema = {
    "oneOf": [{"$ref": "#/$defs/Funds"}, {"$ref": "#/$defs/Order"}],
    "$defs": {
        "Funds": {
            "type": "object",
            "required": ["amount", "channel"],
            "properties": {
                "amount": {"type": "string", "pattern": r"^\d+$"},
                "channel": {"type": "string", "enum": ["bank", "manual"]},
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
                "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "Order": {
            "type": "object",
            "required": ["lots", "type"],
            "properties": {
                "lots": {"type": "integer", "minimum": 1},
                "type": {"const": "order"},
                "at": {"type": "string", "format": "date-time"},
            },
        },
        "Part": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string", "maxLength": 40}},
        },
    },
}


def changed(change: Change) -> list[str]:
    new = copy.deepcopy(OLD)
    change(new["$defs"] | {"root": new})
    return breaks(OLD, new)


def put(where: str, name: str, value: Any) -> Change:
    """Return the change that gives a property of a definition another value; None takes it out."""

    def change(defs: Schema) -> None:
        properties = defs[where]["properties"]
        properties.pop(name, None)
        if value is not None:
            properties[name] = value

    return change


def require(where: str, *names: str) -> Change:
    return lambda defs: defs[where].update(required=list(names))


def both(one: Change, other: Change) -> Change:
    def change(defs: Schema) -> None:
        one(defs)
        other(defs)

    return change


@pytest.mark.parametrize(
    "addition",
    [
        lambda defs: None,
        put("Funds", "serial", {"type": "string"}),
        put("Funds", "note", None),
        lambda defs: defs["root"]["oneOf"].append({"type": "object", "title": "another type"}),
        lambda defs: defs["Funds"].update(description="in other words"),
        put("Part", "size", {"type": "integer"}),
    ],
    ids=["nothing", "optional field", "optional field gone", "type", "words", "field of a part"],
)
def test_an_addition_breaks_nobody(addition: Change) -> None:
    assert changed(addition) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (both(put("Funds", "amount", None), require("Funds", "channel")), "amount: removed"),
        (require("Funds", "amount"), "required changed: channel"),
        (require("Funds", "amount", "channel", "note"), "required changed: note"),
        (put("Funds", "amount", {"type": "number"}), ".amount: type changed"),
        (put("Funds", "amount", {"type": "string", "pattern": r"^\d$"}), "pattern changed"),
        (put("Funds", "channel", {"type": "string", "enum": ["bank"]}), "enum changed"),
        (put("Funds", "note", {"anyOf": [{"type": "string"}]}), "anyOf lost null"),
        (put("Order", "type", {"const": "orders"}), "const changed"),
        (put("Order", "at", {"type": "string", "format": "date"}), "format changed"),
        (lambda defs: defs["root"]["oneOf"].pop(), "oneOf lost #/$defs/Order"),
        (lambda defs: defs["root"].update(oneOf=[]), "oneOf lost"),
    ],
)
def test_a_break_is_found_and_says_where(change: Change, place: str) -> None:
    assert any(place in line for line in changed(change))


@pytest.mark.parametrize(
    "change",
    [
        put("Part", "id", {"type": "integer"}),
        require("Part"),
        put("Part", "id", {"type": "string", "maxLength": 3}),
        put("Funds", "tags", {"type": "object", "additionalProperties": {"type": "integer"}}),
        put("Order", "lots", {"type": "integer", "minimum": 5}),
    ],
    ids=["type of an item", "required of an item", "length", "type of a map", "minimum"],
)
def test_a_break_below_an_array_a_map_or_a_bound_is_found_too(change: Change) -> None:
    assert changed(change)
