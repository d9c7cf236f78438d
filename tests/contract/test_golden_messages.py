"""The golden messages: what a subscriber sees, read alike by every decoder we have."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, get_args

import msgspec
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.mot.domain.events import TradingEvent
from services.mot.domain.li import Li, decode_hook
from shared.contracts.alerts import ALERTS
from shared.contracts.event import Event
from shared.contracts.topics import PUBLIC
from shared.contracts.trading import TRADING
from shared.kernel.ids import alert_id, revision_id
from shared.kernel.money import to_li
from tools.contracts import ADAPTERS, EXAMPLES

DECODER = msgspec.json.Decoder[TradingEvent](TradingEvent, dec_hook=decode_hook)
GOLDEN = {path.stem: path.read_bytes().strip() for path in sorted(EXAMPLES.iterdir())}
ADAPTER: dict[str, TypeAdapter[Any]] = {
    type_: ADAPTERS[topic.name] for topic in PUBLIC for type_ in topic.types
}
ENVELOPE = {"specversion", "datacontenttype"}  # constants that mot's Structs leave out
every_type = pytest.mark.parametrize("type_", GOLDEN)
WATCHED = [made.__struct_config__.tag for made in get_args(TradingEvent)]
account_type = pytest.mark.parametrize("type_", WATCHED)


def amounts(event: Event) -> Iterator[str]:
    """Name the fields of an event's body that are money."""
    body: BaseModel = event.data
    return (name for name, value in body if isinstance(value, Decimal))


AMOUNTS = [(t, n) for t in WATCHED for n in amounts(TRADING.validate_json(GOLDEN[t]))]


def told(type_: str, **fields: Any) -> bytes:
    """Return a golden message with some fields of its body replaced; ``...`` takes one out."""
    message = json.loads(GOLDEN[type_])
    message["data"] = {k: v for k, v in {**message["data"], **fields}.items() if v is not ...}
    return json.dumps(message).encode()


def refused_by_both(raw: bytes) -> tuple[bool, bool]:
    """Say whether the edge (pydantic) and the hot path (msgspec) refuse a message."""
    answers = []
    for decode, refusal in ((TRADING.validate_json, ValidationError), (DECODER.decode, ValueError)):
        try:
            decode(raw)
        except refusal:
            answers.append(True)
        else:
            answers.append(False)
    return answers[0], answers[1]


def same(edge: Any, hot: Any) -> bool:
    """Compare a value as pydantic and as msgspec read it."""
    match edge:
        case Decimal():
            return isinstance(hot, Li) and to_li(edge) == hot
        case Enum():
            return same(edge.value, hot)
        case datetime():
            return isinstance(hot, datetime) and edge.isoformat() == hot.isoformat()
        case _:
            return type(edge) is type(hot) and edge == hot


@every_type
def test_a_golden_message_is_read_and_written_byte_for_byte(type_: str) -> None:
    event = ADAPTER[type_].validate_json(GOLDEN[type_])
    assert event.type == type_
    assert event.encode() == GOLDEN[type_]


@every_type
def test_a_golden_message_has_no_field_that_the_contract_does_not_know(type_: str) -> None:
    ADAPTER[type_].validate_json(GOLDEN[type_], extra="forbid")
    unknown = {**json.loads(GOLDEN[type_]), "planted": 1}
    with pytest.raises(ValidationError, match="planted"):
        ADAPTER[type_].validate_python(unknown, extra="forbid")


@account_type
def test_both_decoders_read_the_same_field_by_field(type_: str) -> None:
    edge, hot = TRADING.validate_json(GOLDEN[type_]), DECODER.decode(GOLDEN[type_])
    assert set(hot.__struct_fields__) == set(type(edge).model_fields) - ENVELOPE - {"type"}
    assert hot.__struct_config__.tag == edge.type
    for name in set(hot.__struct_fields__) - {"data"}:
        assert same(getattr(edge, name), getattr(hot, name)), name
    body: BaseModel = edge.data
    assert set(hot.data.__struct_fields__) == set(type(body).model_fields)
    for name, value in body:
        assert same(value, getattr(hot.data, name)), name


@account_type
def test_both_decoders_agree_on_what_may_be_left_out(type_: str) -> None:
    body: BaseModel = TRADING.validate_json(GOLDEN[type_]).data
    for name, field in type(body).model_fields.items():
        raw = told(type_, **{name: ...})
        assert refused_by_both(raw) == (field.is_required(),) * 2, name
        if not field.is_required():
            edge, hot = TRADING.validate_json(raw), DECODER.decode(raw)
            assert same(getattr(edge.data, name), getattr(hot.data, name)), name


@every_type
def test_a_consumer_ignores_fields_that_a_newer_producer_has_added(type_: str) -> None:
    newer = json.loads(GOLDEN[type_])
    newer["traceparent"] = "00-1"
    newer["data"]["added_later"] = {"deeply": [1.5]}
    raw = json.dumps(newer).encode()
    assert ADAPTER[type_].validate_json(raw).encode() == GOLDEN[type_]
    if type_ in WATCHED:
        assert DECODER.decode(raw) == DECODER.decode(GOLDEN[type_])


@pytest.mark.parametrize(("type_", "name"), AMOUNTS)
@pytest.mark.parametrize(
    "amount", [5000000.5, 5e6, True, "NaN", "Infinity", "", "1.2345", "1" * 16, [], {}]
)
def test_an_inexact_amount_is_refused_by_both(type_: str, name: str, amount: Any) -> None:
    assert refused_by_both(told(type_, **{name: amount})) == (True, True)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_know_is_refused_by_both(literal: str) -> None:
    raw = GOLDEN["funds.withdrawn"].replace(b'"5000000.00"', literal.encode())
    assert raw != GOLDEN["funds.withdrawn"]
    assert refused_by_both(raw) == (True, True)


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("funds.withdrawn", {"trading_day": "2026-06-31"}),
        ("funds.withdrawn", {"trading_day": "20260601"}),
        ("funds.withdrawn", {"happened_at": "yesterday"}),
        ("funds.withdrawn", {"account": None}),
        ("funds.withdrawn", {"backfill": "maybe"}),
        ("funds.withdrawn", {"happened_at": "2026-06-01T10:31:05"}),
        ("account.snapshotted", {"at": "2026-06-01T10:31:05"}),
        ("order.force-closed", {"at": "2026-06-01T10:31:05"}),
        ("clock.ticked", {"at": "2026-06-01T10:31:05"}),
        ("funds.withdrawn", {"channel": "pigeon"}),
        ("funds.reversed", {"direction": "sideways"}),
        ("order.force-closed", {"direction": "sideways"}),
        ("order.force-closed", {"status": "lost"}),
        ("account.settled", {"position_lots": "many"}),
        ("order.force-closed", {"lots": 1.5}),
        ("order.force-closed", {"order_id": 7}),
    ],
)
def test_a_malformed_field_is_refused_by_both(type_: str, fields: dict[str, Any]) -> None:
    assert refused_by_both(told(type_, **fields)) == (True, True)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b'{"type": "x"}'])
def test_what_is_no_message_is_refused_by_both(raw: bytes) -> None:
    assert refused_by_both(raw) == (True, True)


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("funds.withdrawn", {"amount": "-5000000"}),
        ("funds.withdrawn", {"amount": "0"}),
        ("funds.withdrawn", {"serial": ""}),
        ("order.force-closed", {"reason": "funds"}),
        ("order.force-closed", {"lots": 0}),
        ("order.force-closed", {"filled": -1}),
        ("account.settled", {"position_lots": -1}),
        ("funds.withdrawn", {"account": "80 012/345"}),
    ],
)
def test_bounds_and_patterns_are_the_edges_alone(type_: str, fields: dict[str, Any]) -> None:
    """The hot path carries none of them: ingest is the topic's only writer and has checked."""
    assert refused_by_both(told(type_, **fields)) == (True, False)


@pytest.mark.parametrize("amount", ["1e3", "+5", " 5 ", ".5"])
def test_an_amount_in_another_form_is_refused_by_both(amount: Any) -> None:
    assert refused_by_both(told("funds.withdrawn", amount=amount)) == (True, True)


def test_an_unset_optional_amount_is_absent_never_zero() -> None:
    for absent in (told("account.settled", margin=None), told("account.settled", margin=...)):
        edge, hot = TRADING.validate_json(absent), DECODER.decode(absent)
        assert getattr(edge.data, "margin", "gone") is None
        assert getattr(hot.data, "margin", "gone") is None
        assert b'"margin"' not in edge.encode()


def test_the_golden_alerts_carry_derived_identities() -> None:
    for type_ in (t for t in GOLDEN if t.startswith("alert.")):
        event = ALERTS.validate_json(GOLDEN[type_])
        assert event.data.alert_id == alert_id(event.data.rule, event.subject, event.data.episode)
        assert event.id == str(revision_id(event.data.alert_id, type_, event.data.revision))


@every_type
def test_a_contract_cannot_be_changed_in_place(type_: str) -> None:
    event = ADAPTER[type_].validate_json(GOLDEN[type_])
    for model, field in ((event, "id"), (event.data, "broker")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(model, field, "another")
