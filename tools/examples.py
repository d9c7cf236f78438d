"""One golden message per event type: what a subscriber will see, byte for byte."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid5

from shared.contracts.alerts import ALERTS
from shared.contracts.callbacks import Click, clicked
from shared.contracts.customers import CUSTOMERS
from shared.contracts.deliveries import DeliveryEnd, DeliveryReceipt, ended, receipted
from shared.contracts.event import Event, sequence_of
from shared.contracts.profiles import (
    Eligible,
    GivenVisits,
    Report,
    became_eligible,
    report_ready,
    visit_assigned,
)
from shared.contracts.replies import Reply, given
from shared.contracts.rules import Rule, published
from shared.contracts.staff import STAFF
from shared.contracts.states import STATES
from shared.contracts.stream import STREAM
from shared.kernel.ids import alert_id, revision_id
from shared.kernel.trading_day import CHINA

DAY, KEY = "2026-06-01", "demo:80012345"
MOMENT = datetime(2026, 6, 1, 10, 31, 5, tzinfo=CHINA).isoformat()
UNTIL = datetime(2026, 6, 1, 13, 30, tzinfo=CHINA).isoformat()
FACT = {"broker": "demo", "account": "80012345", "trading_day": DAY, "source": "stream"}
FUNDS = {**FACT, "amount": "5000000.00", "happened_at": MOMENT, "serial": "20260601-000017"}
BALANCES = {**FACT, "equity": "9123456.780", "available": "-50000.125", "margin": "9100000.00"}
DEALT = {**FACT, "exchange": "SHFE", "instrument": "rb2610"}
TRADE = {
    **DEALT,
    "trade_id": "00098765",
    "direction": "sell",
    "offset": "close-yesterday",
    "lots": 3,
    "price": "3140",
    "executed_at": MOMENT,
}
HOLDING = {
    "exchange": "SHFE",
    "instrument": "rb2610",
    "side": "long",
    "lots": 12,
    "average_price": "3155.333333",
    "settlement_price": "3133",
    "margin": "41000.00",
}

BODIES: dict[str, dict[str, Any]] = {
    "funds.deposited": FUNDS,
    "funds.withdrawn": FUNDS,
    "funds.reversed": {**FUNDS, "reverses": "20260601-000016", "direction": "withdrawal"},
    "account.snapshotted": {**BALANCES, "at": MOMENT},
    "account.settled": {
        **BALANCES,
        "source": "file",
        "opening_equity": "9000000.00",
        "traded_lots": 3,
        "position_lots": 12,
    },
    "order.force-closed": {
        **FACT,
        "order_id": "20260601-SHFE-00001234",
        "exchange": "SHFE",
        "instrument": "rb2610",
        "direction": "sell",
        "lots": 5,
        "filled": 2,
        "price": "3120",
        "reason": "1",
        "status": "partly-filled",
        "at": MOMENT,
    },
    "account.baselined": {**FACT, "source": "file", "opened_on": "2019-03-01"},
    "agreement.recorded": {
        **FACT,
        "source": "file",
        "kind": "交返",
        "starts_on": "2025-07-01",
        "ends_on": "2026-06-30",
    },
    "trade.executed": TRADE,
    "trade.settled": {**TRADE, "source": "file", "fee": "12.55", "profit_mtm": "-450.00"},
    "position.snapshotted": {**FACT, "holding": HOLDING, "at": MOMENT},
    "positions.settled": {**FACT, "source": "file", "holdings": [HOLDING]},
    "order.closed-out": {
        **DEALT,
        "trade_id": "00098765",
        "opening_trade_id": "00011111",
        "opened_on": "2026-05-28",
        "direction": "sell",
        "lots": 3,
        "open_price": "3155",
        "close_price": "3140",
        "profit_mtm": "-450.00",
    },
    "position.delivered": {
        **DEALT,
        "direction": "buy",
        "lots": 1,
        "delivery_price": "3133",
        "fee": "10.00",
    },
    "fee.charged": {**FACT, "source": "file", "item": "07", "amount": "3.20", "exchange": "SHFE"},
    "account.opened": {
        **FACT,
        "source": "file",
        "status": "open",
        "opened_on": "2019-03-01",
        "customer_type": "自然人",
        "dormant": False,
    },
    "bank.signed": {
        **FACT,
        "source": "file",
        "bank_id": "ICBC",
        "card": "****1234",
        "signed": True,
    },
    "trading-code.granted": {
        **FACT,
        "source": "file",
        "exchange": "SHFE",
        "trading_code": "00812345",
    },
    "clock.ticked": {"broker": "demo", "trading_day": DAY, "at": MOMENT},
    "day.closed": {"broker": "demo", "trading_day": DAY},
}


def _event(adapter: Any, type_: str, subject: str, data: dict[str, Any], **given: Any) -> Event:
    event: Event = adapter.validate_python(
        {
            "id": "c0ffee01",
            "source": "synthetic/stream",
            "type": type_,
            "subject": subject,
            "time": MOMENT,
            "sequence": sequence_of(1042),
            "data": data,
            **given,
        }
    )
    return event


def _alert(type_: str, revision: int) -> Event:
    alert = alert_id("large_withdrawal", KEY, DAY)
    data = {
        "broker": "demo",
        "account": "80012345",
        "trading_day": DAY,
        "alert_id": alert,
        "revision": revision,
        "rule": "large_withdrawal",
        "rule_version": 1,
        "message_type": "大额出金",
        "module": "异动",
        "urgency": "high",
        "episode": DAY,
        "happened_at": MOMENT,
        "summary": "今日累计出金500万元，达到警戒线450万元",
        "facts": {"今日累计": "500万元", "本笔金额": "5,000,000.00元"},
        "action": "请联系客户，了解原因并挽留。",
        "provisional": True,
        "passport": {
            "rule": "large_withdrawal",
            "rule_version": 1,
            "urgency": "high",
            "thresholds": {"limit": "5000000", "share": "0.5", "floor": "500000"},
            "calendar": "xshg-4.13.2-20261231",
            "topic": "futures.account.v1",
            "partition": 7,
            "offset": 1042,
            "event_id": "c0ffee01",
            "before": "[2]",
            "event": json.dumps({"type": "funds.withdrawn", "id": "c0ffee01"}),
        },
    }
    given = {"id": str(revision_id(alert, type_, revision)), "source": "guanchao/mot"}
    return _event(ALERTS, type_, KEY, data, sequence=None, **given)


def _own() -> dict[str, Event]:
    """What mot keeps for itself."""
    place = {"partition": 7, "offset": 2099}
    bodies = {
        "account.remembered": {**FACT, **place, "state": "[2]"},
        "day.remembered": {
            "broker": "demo",
            "trading_day": DAY,
            **place,
            "clock": sequence_of(2044),
            "accounts": 1,
            "rules": {"large_withdrawal": 1},
        },
        "rules.applied": {"partition": 7, "after": 1042, "rules": {"large_withdrawal": 2}},
    }
    told = {"source": "guanchao/mot", "sequence": None}
    messages = {
        type_: _event(STATES, type_, KEY if "account" in body else "partition-7", body, **told)
        for type_, body in bodies.items()
    }
    rule = {
        "rule": "large_withdrawal",
        "version": 2,
        "urgency": "high",
        "thresholds": {"limit": "3000000", "share": "0.5", "floor": "500000"},
        "author": "risk-desk",
        "published_at": MOMENT,
    }
    return messages | {"rule.published": published(Rule.model_validate(rule))}


def _notifys() -> dict[str, Event]:
    """What notify says of the first revision of the alert."""
    alert = alert_id("large_withdrawal", KEY, DAY)
    about = {
        "broker": "demo",
        "account": "80012345",
        "alert_id": alert,
        "revision": 1,
        "at": MOMENT,
    }
    way = {"step": 1, "channel": "aliyun_sms", "receiver": "m001"}
    way |= {"intent_id": uuid5(alert, "1|1|aliyun_sms|m001")}
    end = {"end": "sent", "reason": "ok", "attempts": 1, "message_id": "900619746936498440^0"}
    answer = {"rule": "large_withdrawal", "reply_id": uuid5(alert, "m001|0"), "kind": "snoozed"}
    answer |= {"by": "m001", "via": "page", "until": UNTIL}
    tap = {"intent_id": uuid5(alert, "1|1|wecom_app|m001"), "userid": "wang_jl", "at": MOMENT}
    return {
        "card.clicked": clicked(
            Click.model_validate(tap | {"key": "contacted", "response_code": "rc0001"})
        ),
        "delivery.ended": ended(DeliveryEnd.model_validate(about | way | end)),
        "delivery.receipted": receipted(
            DeliveryReceipt.model_validate(about | way | {"arrived": True, "reason": "ok"})
        ),
        "reply.given": given(Reply.model_validate(about | answer)),
    }


def _profiles() -> dict[str, Event]:
    """What profile tells of a client, of a unit, and of who is given visits."""
    eligible = Eligible.model_validate(
        {
            "broker": "demo",
            "customer_id": "c000001",
            "account": "80012345",
            "permissions": ["ine-crude", "ine-specified"],
            "names": ["原油期货和期权", "能源中心特定品种"],
            "trading_day": DAY,
        }
    )
    report = Report.model_validate(
        {
            "broker": "demo",
            "unit": "branch:b01",
            "kind": "overview",
            "period": DAY,
            "trading_day": DAY,
            "revision": 1,
            "complete": True,
            "files": [
                {
                    "file": "8e0f0c0a-53a7-5b3e-9a47-5f3f4a2f3c11",
                    "format": "xlsx",
                    "size": 6521,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            ],
        }
    )
    batch = "HF20260601-0123456789ab"
    given_visits = GivenVisits.model_validate(
        {"broker": "demo", "staff_id": "m001", "visits": 12, "due_on": "2026-12-31", "batch": batch}
    )
    at = datetime.fromisoformat(MOMENT)
    return {
        "permission.became-eligible": became_eligible(eligible, at),
        "report.ready": report_ready(report, at),
        "visit.assigned": visit_assigned(given_visits, batch, at),
    }


def golden() -> dict[str, bytes]:
    """Return file name → message, for every type of every public topic."""
    messages = {
        type_: _event(STREAM, type_, "clock" if "account" not in body else KEY, body)
        for type_, body in BODIES.items()
    }
    relation = {
        "account": "80012345",
        "manager_id": "m001",
        "branch_id": "b01",
        "since": "2026-05-06",
        "history": [{"manager_id": "m002", "since": "2019-03-01", "until": "2026-05-06"}],
    }
    customer = {
        "broker": "demo",
        "customer_id": "c000001",
        "customer_type": "自然人",
        "display_name": "张**",
        "sealed_name": "k1.c2VhbGVk",
        "customer_no": "100017",
        "sealed_phone": "k1.c2VhbGVk",
        "sealed_id_card": "k1.c2VhbGVk",
        "phone_index": "b1.aW5kZXg",
        "id_index": "b1.aW5kZXg",
        "sealed_birthday": "k1.c2VhbGVk",
        "occupation": "教师",
        "income_source": "工资薪金",
        "relations": [relation],
    }
    staff = {
        "broker": "demo",
        "staff_id": "m001",
        "display_name": "王*",
        "role": "manager",
        "branch_id": "b01",
        "wecom_userid": "wang_jl",
        "sealed_mobile": "k1.c2VhbGVk",
        "duty_hours": "08:30-17:30",
    }
    messages["customer.changed"] = _event(CUSTOMERS, "customer.changed", "c000001", customer)
    messages["staff.changed"] = _event(STAFF, "staff.changed", "m001", staff)
    messages |= _own() | _notifys() | _profiles()
    for revision, step in enumerate(("raised", "updated", "confirmed", "amended", "withdrawn"), 1):
        messages[f"alert.{step}"] = _alert(f"alert.{step}", revision)
    return {f"{type_}.json": event.encode() for type_, event in messages.items()}
