"""One client's Monday, from the broker's records to the phones of those who look after them."""

from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores
from tests.kit.timeline import Timeline

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

STAFF = """staff_id,name,role,branch_id,leader_id,wecom_userid,mobile,email,duty_hours,successor_id
m001,王一,manager,b01,,wang_yi,13800000001,,,
r001,李风控,risk,,,li_fk,13800000009,,,
"""
RELATIONS = """account,customer_id,customer_name,customer_type,manager_id,branch_id,introducing_broker,since
80012345,c000001,张小明,自然人,m001,b01,,2020-01-02
"""  # noqa: E501


def tick(minute: str) -> dict[str, Any]:
    at = f"2026-06-01T{minute}:00+08:00"
    data = {"broker": "demo", "trading_day": "2026-06-01", "at": at, "heard": {"stream": at}}
    return _event("clock.ticked", f"tick-{minute}", "clock", at, data)


def withdrew(serial: str, minute: str, amount: str, account: str = "80012345") -> dict[str, Any]:
    at = f"2026-06-01T{minute}:05+08:00"
    fact = {"broker": "demo", "account": account, "trading_day": "2026-06-01", "source": "stream"}
    data = {**fact, "amount": amount, "happened_at": at, "serial": serial}
    return _event("funds.withdrawn", serial, f"demo:{account}", at, data)


def forced(minute: str, filled: int, status: str) -> dict[str, Any]:
    at, account = f"2026-06-01T{minute}:10+08:00", "80012345"
    fact = {"broker": "demo", "account": account, "trading_day": "2026-06-01", "source": "stream"}
    order = {"order_id": "o-1", "exchange": "SHFE", "instrument": "rb2610", "direction": "sell"}
    state = {"lots": 5, "filled": filled, "price": "3120", "reason": "1", "status": status}
    body = {**fact, **order, **state, "at": at}
    return _event("order.force-closed", f"o-1-{filled}", f"demo:{account}", at, body)


def _event(type_: str, id_: str, subject: str, time: str, data: dict[str, Any]) -> dict[str, Any]:
    envelope = {"specversion": "1.0", "id": id_, "source": "timeline", "type": type_}
    return {**envelope, "subject": subject, "time": time, "data": data}


@pytest.fixture
def guanchao(own_stores: Stores, tmp_path: Path) -> Timeline:
    chain = Chain(own_stores, Ports.free(), tmp_path / "chain", simulated=True)
    return Timeline(chain, {"staff.csv": STAFF, "relations.csv": RELATIONS})


async def test_a_managers_monday(guanchao: Timeline) -> None:
    guanchao.at(0, tick("10:30"), withdrew("w1", "10:30", "300000"))  # under the line: silence
    guanchao.at(1, withdrew("w2", "10:31", "300000"))
    guanchao.expect("wang_yi", by="wecom", saying="今日累计出金60万元，达到警戒线50万元")
    guanchao.expect("13800000001", by="sms", saying="张**尾号345，今日累计出金60万元")
    guanchao.at(2, withdrew("w2", "10:31", "300000"))  # told again by the source: one fact
    guanchao.at(3, tick("10:32"), forced("10:32", 0, "open"))
    guanchao.expect("wang_yi", by="wecom", saying="强平单已报出：rb2610 卖 5手，原因资金不足")
    guanchao.expect("13800000001", by="sms", saying="强平rb2610 卖，剩5手，资金不足")
    guanchao.at(4, tick("10:33"), forced("10:33", 5, "filled"))
    guanchao.expect("wang_yi", by="wecom", saying="强平单已全部成交5手")
    guanchao.expect("13800000001", by="sms", saying="强平单已全部成交5手")
    guanchao.at(5, withdrew("w9", "10:34", "600000", account="80099999"))  # nobody's client
    guanchao.at(6, tick("10:36"))  # the wait for its relation is over on the simulated clock
    guanchao.expect("li_fk", by="wecom", saying="未知客户")
    guanchao.expect("13800000009", by="sms", saying="今日累计出金60万元")
    await guanchao.run()
