"""Alerts and people as a person would say them: ``raised()``, ``updated(3)``, ``member("m001")``.

Everything happens to one client's account of one broker unless said otherwise: any field of the
body can be given by name.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.domain.decide import History
from services.notify.domain.policy import Policy
from services.notify.domain.receiver import Client, Directory, Receiver
from services.notify.policy import read_policy
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.contracts.customers import CUSTOMERS, CustomerChanged
from shared.contracts.event import sequence_of
from shared.contracts.staff import STAFF, StaffChanged
from shared.kernel.ids import alert_id, revision_id
from shared.kernel.masking import Phone
from shared.kernel.trading_day import CHINA

BROKER, ACCOUNT = "demo", "80012345"
MOMENT = datetime(2026, 6, 1, 10, 31, 5, tzinfo=CHINA)
NIGHT = datetime(2026, 6, 1, 23, 0, tzinfo=CHINA)
MORNING = datetime(2026, 6, 2, 8, 0, tzinfo=CHINA)
FACTS = {
    "今日累计": "500万元",
    "本笔金额": "5,000,000.00元",
    "警戒线": "500万元",
    "日初权益": "10,000,000.00元",
}
REPEAT = {"repeat_minutes": {"margin_usage": 30}, "grouping": None}
POLICY: Policy = read_policy().model_copy(update=REPEAT)


def alert(kind: str, revision: int, **given: Any) -> AlertEvent:
    """Return ``alert.<kind>`` of 大额出金, or of another ``rule``."""
    account = given.get("account", ACCOUNT)
    episode = given.get("episode", "2026-06-01")
    rule = given.get("rule", "large_withdrawal")
    which: UUID = alert_id(rule, f"{BROKER}:{account}", episode)
    usual = {
        "broker": BROKER,
        "account": account,
        "trading_day": "2026-06-01",
        "alert_id": which,
        "revision": revision,
        "rule": "large_withdrawal",
        "rule_version": 1,
        "message_type": "大额出金",
        "module": "异动",
        "urgency": "high",
        "episode": episode,
        "happened_at": MOMENT,
        "summary": "今日累计出金500万元，达到警戒线500万元",
        "facts": FACTS,
        "action": "请立即联系客户。",
        "provisional": True,
        "passport": {
            "rule_version": 1,
            "thresholds": {},
            "calendar": "test",
            "topic": "futures.account.v1",
            "partition": 0,
            "offset": 0,
            "event_id": "e",
            "before": "{}",
        },
    }
    event = {
        "id": str(revision_id(which, f"alert.{kind}", revision)),
        "source": "mot",
        "type": f"alert.{kind}",
        "subject": f"{BROKER}:{account}",
        "time": MOMENT,
        "data": usual | given,
    }
    return ALERTS.validate_python(event)


def raised(revision: int = 1, **given: Any) -> AlertEvent:
    """It began."""
    return alert("raised", revision, **given)


def updated(revision: int = 2, **given: Any) -> AlertEvent:
    """It went on."""
    return alert("updated", revision, **given)


def confirmed(revision: int = 2, **given: Any) -> AlertEvent:
    """It ended as foreseen: of a rule whose confirmation is news, unless said otherwise."""
    return alert("confirmed", revision, **({"rule": "forced_liquidation"} | given))


def amended(revision: int = 2, **given: Any) -> AlertEvent:
    """The settlement changed its figures."""
    return alert("amended", revision, **given)


def withdrawn(revision: int = 2, **given: Any) -> AlertEvent:
    """It no longer holds."""
    return alert("withdrawn", revision, **given)


def member(staff_id: str, role: str = "manager", **given: Any) -> Receiver:
    """A member of staff who can be reached by everything, unless said otherwise."""
    usual: dict[str, Any] = {"wecom_userid": staff_id, "mobile": Phone("13800000001")}
    return Receiver(staff_id, role, **(usual | given))


MANAGER, DESK = member("m001"), member("r001", "risk")


def known(
    *people: Receiver, manager: str | None = "m001", desk: Sequence[Receiver] = (DESK,)
) -> Directory:
    """A directory in which the account's manager is ``manager``; by default one that exists."""
    staff = {p.staff_id: p for p in (*(people or (MANAGER,)), *desk)}
    return Directory(Client("张**", manager), staff, tuple(desk))


STRANGER = Directory(None, {DESK.staff_id: DESK}, (DESK,))


def history(directory: Directory | None = None, **given: Any) -> History:
    """A history in which nothing has happened yet."""
    return History(known() if directory is None else directory, **given)


def staff_changed(staff_id: str, sequence: int = 1, **given: Any) -> StaffChanged:
    """员工变更."""
    usual = {
        "broker": BROKER,
        "staff_id": staff_id,
        "display_name": "王*",
        "role": "manager",
        "wecom_userid": staff_id,
    }
    return STAFF.validate_python(_changed("staff", staff_id, sequence, usual | given))


def customer_changed(
    customer_id: str, sequence: int = 1, accounts: Sequence[str] = (ACCOUNT,), **given: Any
) -> CustomerChanged:
    """客户关系变更; ``manager_id`` is that of all the accounts."""
    manager = given.pop("manager_id", "m001")
    usual = {
        "broker": BROKER,
        "customer_id": customer_id,
        "customer_type": "自然人",
        "display_name": "张**",
        "sealed_name": "k1.x",
        "relations": [{"account": account, "manager_id": manager} for account in accounts],
    }
    return CUSTOMERS.validate_python(_changed("customer", customer_id, sequence, usual | given))


def _changed(kind: str, subject: str, sequence: int, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{kind}-{subject}-{sequence}",
        "source": "tests",
        "type": f"{kind}.changed",
        "subject": subject,
        "time": MOMENT,
        "sequence": sequence_of(sequence),
        "data": data,
    }
