"""Dropped files: taken whole, corrected by their replacements, told once with the live stream."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.ingest.adapters.columns import columns_at
from services.ingest.agent.taking import Fate
from services.ingest.domain.sources import catalogue
from shared.kernel.trading_day import CHINA
from tests.kit.ingest import CIPHER, FakeBooks, cusfund, fundchg, reversed_, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED
from tests.kit.ingest_broker import Broker as AnyBroker


class Broker(AnyBroker):
    """A broker over fake books, and what the log says of its day."""

    def __init__(self) -> None:
        self.books = FakeBooks()
        super().__init__(self.books.open)

    def told(self, type_: str | None = None) -> list[dict[str, Any]]:
        return self.books.now.told(type_)

    def net(self) -> dict[str, int]:
        """Count the withdrawals that stand in the log, by amount."""
        net: Counter[str] = Counter()
        steps = {"funds.withdrawn": 1, "funds.reversed": -1}
        for event in self.told():
            if step := steps.get(event["type"]):
                net[f"{Decimal(event['data']['amount']):.0f}"] += step
        return {amount: count for amount, count in net.items() if count}


@pytest.fixture
def broker() -> Broker:
    return Broker()


async def test_a_files_movements_become_facts(broker: Broker) -> None:
    outcome = await broker.drop(FUNDS, fundchg("1", "-100.000"), fundchg("2", "+7"))
    assert (outcome.fate, outcome.good, outcome.bad) == (Fate.TAKEN, 2, 0)
    out, in_ = broker.told()
    assert (out["type"], out["subject"], out["data"]["amount"]) == (
        "funds.withdrawn",
        "demo:1",
        "100.000",
    )
    assert (out["data"]["source"], out["data"]["happened_at"]) == (
        "file",
        "2026-06-01T00:00:00+08:00",
    )
    assert in_["type"] == "funds.deposited"
    assert out["data"]["serial"] != in_["data"]["serial"]


async def test_equal_rows_are_as_many_facts(broker: Broker) -> None:
    await broker.drop(FUNDS, fundchg("1", "-100"), fundchg("1", "-100"))
    assert broker.net() == {"100": 2}
    assert len({event["id"] for event in broker.told()}) == 2


async def test_the_same_withdrawal_live_and_in_the_file_is_one_fact(broker: Broker) -> None:
    await broker.post(withdrew("100", "a", account="1"))
    outcome = await broker.drop(FUNDS, fundchg("1", "-100.000"))
    assert [event["source"] for event in broker.told()] == ["ctp/risk"]
    assert outcome.notes["matched"] == 1


async def test_the_same_withdrawal_in_the_file_and_then_live_is_one_fact(broker: Broker) -> None:
    await broker.drop(FUNDS, fundchg("1", "-100"))
    await broker.post(withdrew("100", "a", account="1"))
    assert [event["source"] for event in broker.told()] == ["guanchao/fundchg"]


async def test_rows_beyond_the_stream_become_facts(broker: Broker) -> None:
    await broker.post(withdrew("100", "a", account="1"))
    await broker.drop(FUNDS, fundchg("1", "-100"), fundchg("1", "-100"))
    assert broker.net() == {"100": 2}


async def test_a_live_withdrawal_that_the_file_lacks_is_reversed(broker: Broker) -> None:
    await broker.post(withdrew("100", "a", account="1"), withdrew("5", "b", account="1"))
    await broker.drop(FUNDS, fundchg("1", "-5"))
    [undone] = broker.told("funds.reversed")
    assert undone["data"]["reverses"] == "a"
    assert undone["data"]["direction"] == "withdrawal"
    assert broker.net() == {"5": 1}


async def test_a_live_withdrawal_whose_row_may_be_a_broken_line_stands(broker: Broker) -> None:
    await broker.post(withdrew("100", "a", account="1"), withdrew("5", "b", account="1"))
    await broker.drop(FUNDS, fundchg("1", "-5"), "broken")
    assert broker.net() == {"5": 1, "100": 1}
    await broker.drop(FUNDS, fundchg("1", "-5"), fundchg("2", "-6"))
    assert broker.net() == {"5": 1, "6": 1}


async def test_a_reversed_withdrawal_is_not_matched(broker: Broker) -> None:
    await broker.post(withdrew("100", "a", account="1"), reversed_("100", "a", account="1"))
    await broker.drop(FUNDS, fundchg("2", "-1"))
    assert broker.net() == {"1": 1}


async def test_a_live_withdrawal_after_the_file_stands_until_a_replacement(broker: Broker) -> None:
    await broker.drop(FUNDS, fundchg("1", "-5"))
    await broker.post(withdrew("100", "a", account="1"))
    assert broker.net() == {"5": 1, "100": 1}
    await broker.drop(FUNDS, fundchg("1", "-5.000"), fundchg("2", "-6"))
    assert broker.net() == {"5": 1, "6": 1}


async def test_a_replacement_tells_only_the_difference(broker: Broker) -> None:
    await broker.drop(FUNDS, fundchg("1", "-5"), fundchg("1", "-6"))
    outcome = await broker.drop(FUNDS, fundchg("1", "-7"), fundchg("1", "-5"))
    assert broker.net() == {"5": 1, "7": 1}
    assert len(broker.told()) == 4
    assert (outcome.notes["matched"], outcome.notes["reversed"]) == (1, 1)


async def test_a_file_that_comes_back_after_another_is_a_file_again(broker: Broker) -> None:
    one, other = [fundchg("1", "-5")], [fundchg("1", "-6")]
    for lines in (one, other, one, other, one):
        await broker.drop(FUNDS, *lines)
        assert broker.net() == {"5" if lines is one else "6": 1}
    assert len({event["id"] for event in broker.told()}) == len(broker.told()) == 9


async def test_a_day_without_movements_takes_back_what_was_only_live(broker: Broker) -> None:
    await broker.post(withdrew("100", "a", account="1"))
    assert (await broker.drop(FUNDS)).fate is Fate.TAKEN
    assert broker.net() == {}


async def test_an_empty_replacement_is_refused(broker: Broker) -> None:
    await broker.drop(FUNDS, fundchg("1", "-5"))
    outcome = await broker.drop(FUNDS)
    assert outcome.reason == "an empty replacement would take the whole day back"
    assert broker.net() == {"5": 1}


async def test_the_same_file_again_is_known(broker: Broker) -> None:
    await broker.drop(FUNDS, fundchg("1", "-5"))
    again = await broker.drop("9999fundchg20260601.txt", fundchg("1", "-5"))
    assert (again.fate, len(broker.told())) == (Fate.KNOWN, 1)


async def test_bad_rows_are_buried_with_file_line_and_reason(broker: Broker) -> None:
    outcome = await broker.drop(FUNDS, fundchg("1", "-5"), fundchg("1", "abc"))
    assert (outcome.fate, outcome.good, outcome.bad) == (Fate.TAKEN, 1, 1)
    [letter] = broker.books.now.letters()
    assert letter.headers is not None
    assert CIPHER.open(letter.body.decode(), letter.headers["sealed"]) == fundchg("1", "abc")
    assert letter.headers["origin-file"] == FUNDS
    assert letter.headers["origin-line"] == "2"
    assert letter.headers["reason"] == "amount: not an amount: 'abc'"


async def test_a_file_with_no_good_row_is_refused_and_closes_nothing(broker: Broker) -> None:
    await broker.drop(SETTLED, cusfund("1", "5"))
    outcome = await broker.drop(FUNDS, "rubbish", "more rubbish")
    assert (outcome.fate, outcome.reason) == (
        Fate.REFUSED,
        "no row can be read; line 1: line: 1 columns, at least 9 expected",
    )
    assert broker.told("day.closed") == []
    assert len(broker.books.now.letters()) == 3


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (SETTLED, "the file is empty"),
        ("0137fundchg20260530.txt", "the day in the name: 2026-05-30 is not a trading day"),
        ("relations.xlsx", "the file is empty"),
        ("note.txt", f"the name is none of {', '.join(sorted(catalogue()))}"),
    ],
)
async def test_what_cannot_be_read_at_all_is_refused(
    broker: Broker, name: str, reason: str
) -> None:
    outcome = await broker.drop(name)
    assert (outcome.fate, outcome.reason) == (Fate.REFUSED, reason)
    [letter] = broker.books.now.letters()
    assert letter.headers is not None
    assert (letter.headers["origin-file"], letter.headers["reason"]) == (name, reason)


async def test_a_workbook_that_is_none_is_refused(broker: Broker) -> None:
    outcome = await broker.drop_text("relations.xlsx", "PK but no workbook")
    assert outcome.reason.startswith("not an Excel workbook")


async def test_accounts_settle_and_the_day_is_closed_last(broker: Broker) -> None:
    await broker.drop(FUNDS, fundchg("1", "-5"))
    await broker.drop(SETTLED, cusfund("1", "-10.5", "-11"), cusfund("2", "3"))
    types = [event["type"] for event in broker.told()]
    assert types == ["funds.withdrawn", "account.settled", "account.settled", "day.closed"]
    settled = broker.told("account.settled")[0]["data"]
    assert (settled["equity"], settled["available"]) == ("-10.5", "-11")
    assert settled["opening_equity"] == "1000.000"
    assert settled["margin"] == "0.500"


async def test_a_day_is_closed_in_either_order_and_once(broker: Broker) -> None:
    await broker.drop(SETTLED, cusfund("1", "3"))
    assert broker.told("day.closed") == []
    await broker.drop(FUNDS, fundchg("1", "-5"))
    await broker.drop(FUNDS, fundchg("1", "-6"))
    assert len(broker.told("day.closed")) == 1
    assert broker.told("day.closed")[0]["data"]["trading_day"] == "2026-06-01"


async def test_a_replaced_settlement_settles_who_differs(broker: Broker) -> None:
    await broker.drop(SETTLED, cusfund("1", "3"), cusfund("2", "4"))
    outcome = await broker.drop(SETTLED, cusfund("1", "3.00"), cusfund("3", "5"))
    told = [event["subject"] for event in broker.told("account.settled")]
    assert told == ["demo:1", "demo:2", "demo:3"]
    assert (outcome.notes["unchanged"], outcome.notes["vanished"]) == (1, ["2"])


RELATIONS = "account,customer_id,customer_name,customer_type,manager_id,city\n"


async def test_a_client_is_told_sealed_and_masked(broker: Broker) -> None:
    await broker.drop_text("relations.csv", RELATIONS + "1,c1,张小明,自然人,m001,上海\n")
    [event] = broker.told("customer.changed")
    data = event["data"]
    assert (event["subject"], data["display_name"], data["tags"]) == (
        "c1",
        "张**",
        {"city": "上海"},
    )
    assert CIPHER.open(data["sealed_name"], "customer.name") == "张小明"
    assert data["relations"] == [{"account": "1", "manager_id": "m001"}]
    assert "张小明" not in repr(broker.books.now)


async def test_only_clients_that_changed_are_told_again(broker: Broker) -> None:
    one, two = "1,c1,张小明,自然人,m001,\n", "2,c2,李四,自然人,m001,\n"
    for text in (one + two, one + two.replace("m001", "m002"), one + two, two):
        await broker.drop_text("relations.csv", RELATIONS + text)
    told = [(e["id"], e["data"]["relations"][0]["manager_id"]) for e in broker.told()]
    assert told == [("c1/1", "m001"), ("c2/1", "m001"), ("c2/2", "m002"), ("c2/3", "m001")]


async def test_an_unchanged_name_keeps_its_sealed_form(broker: Broker) -> None:
    for manager in ("m001", "m002"):
        await broker.drop_text("relations.csv", RELATIONS + f"1,c1,张小明,自然人,{manager},\n")
    first, second = broker.told()
    assert first["data"]["sealed_name"] == second["data"]["sealed_name"]


async def test_staff_are_told_with_sealed_contacts(broker: Broker) -> None:
    header = "staff_id,name,role,mobile,email,wecom_userid\n"
    rows = ["13812345678,w@x.cn", "13812345678,w@x.cn", "13912345678,", ","]
    for contacts in rows:
        await broker.drop_text("staff.csv", f"{header}m001,王大明,manager,{contacts},wang\n")
    events = broker.told("staff.changed")
    assert [event["id"] for event in events] == ["m001/1", "m001/2", "m001/3"]
    first, second, third = (event["data"] for event in events)
    assert CIPHER.open(first["sealed_mobile"], "staff.mobile") == "13812345678"
    assert CIPHER.open(first["sealed_email"], "staff.email") == "w@x.cn"
    assert CIPHER.open(second["sealed_mobile"], "staff.mobile") == "13912345678"
    assert "sealed_email" not in second
    assert "sealed_mobile" not in third
    assert "13812345678" not in repr(broker.books.now)


async def test_a_bad_person_is_buried_sealed(broker: Broker) -> None:
    text = "staff_id,name,role,mobile\nm001,王大明,manager,12345\nm002,李,risk,13812345678\n"
    await broker.drop_text("staff.csv", text)
    [letter] = broker.books.now.letters()
    assert letter.topic == "org.staff.v1.dlq"
    assert letter.headers is not None
    assert letter.headers["reason"] == "mobile: not a mobile number of 11 digits"
    opened = CIPHER.open(letter.body.decode(), letter.headers["sealed"])
    assert opened == "m001,王大明,manager,12345"


BASELINES = "account,opened_on,last_trade_on\n"


async def test_a_baseline_is_told_when_it_changes(broker: Broker) -> None:
    for last in ("2025-01-02", "2025-01-02", "2025-01-03", "2025-01-02"):
        await broker.drop_text("baselines.csv", f"{BASELINES}1,2020-01-06,{last}\n")
    told = [(event["id"], event["data"]["last_trade_on"]) for event in broker.told()]
    assert told == [("1/1", "2025-01-02"), ("1/2", "2025-01-03"), ("1/3", "2025-01-02")]


async def test_a_baselines_day_is_its_names_else_the_newest_closed_else_the_clocks(
    broker: Broker,
) -> None:
    await broker.drop_text("baselines.csv", f"{BASELINES}1,2020-01-06,\n")
    await broker.drop(FUNDS, fundchg("1", "-5"))
    await broker.drop(SETTLED, cusfund("1", "3"))
    await broker.drop_text("baselines.csv", f"{BASELINES}2,2020-01-06,\n")
    await broker.drop_text("baselines20260528.csv", f"{BASELINES}3,2020-01-06,\n")
    days = [event["data"]["trading_day"] for event in broker.told("account.baselined")]
    assert days == ["2026-06-02", "2026-06-01", "2026-05-28"]


async def test_past_the_calendar_a_baseline_is_refused_and_clients_are_not(broker: Broker) -> None:
    broker.clock.advance(datetime(2027, 3, 1, 9, 0, tzinfo=CHINA))
    assert (await broker.drop_text("relations.csv", RELATIONS + "1,c1,张三,自然人,,\n")).good == 1
    outcome = await broker.drop_text("baselines.csv", f"{BASELINES}1,2020-01-06,\n")
    assert (outcome.fate, "calendar has ended" in outcome.reason) == (Fate.REFUSED, True)


ENDS = "account,opened_on,risk_level_until,certificate_until\n"


async def test_an_end_in_a_baseline_is_told_when_it_changes(broker: Broker) -> None:
    for ends in ("2026-06-30,", "2026-06-30,", "2026-06-30,2026-07-01", ","):
        await broker.drop_text("baselines.csv", f"{ENDS}1,2020-01-06,{ends}\n")
    told = [event["data"] for event in broker.told("account.baselined")]
    assert [(d.get("risk_level_until"), d.get("certificate_until")) for d in told] == [
        ("2026-06-30", None),
        ("2026-06-30", "2026-07-01"),
        (None, None),
    ]


AGREEMENTS = "account,kind,starts_on,ends_on,note\n"


async def test_only_agreements_that_changed_are_told_again(broker: Broker) -> None:
    one, other = "1,交返,2025-07-01,2026-06-30,\n", "1,利返,,2026-12-31,\n"
    for text in (one + other, one + other, one.replace("06-30", "09-30"), one):
        await broker.drop_text("agreements.csv", AGREEMENTS + text)
    told = [(e["data"]["kind"], e["data"]["ends_on"]) for e in broker.told("agreement.recorded")]
    assert told == [
        ("交返", "2026-06-30"),
        ("利返", "2026-12-31"),
        ("交返", "2026-09-30"),
        ("交返", "2026-06-30"),
    ]
    assert len({event["id"] for event in broker.told()}) == 4


async def test_a_settlement_carries_its_margin(broker: Broker) -> None:
    await broker.drop(FUNDS, fundchg("1", "-5"))
    await broker.drop(SETTLED, cusfund("1", "100", "20"))
    [event] = broker.told("account.settled")
    assert event["data"]["margin"] == "80.000"
    assert "deposit" not in event["data"]


async def test_a_night_transfer_of_the_evenings_date_is_one_fact_by_the_documented_columns(
    broker: Broker, tmp_path: Path
) -> None:
    page = Path(__file__).parents[3] / "docs" / "formats.md"
    columns = tmp_path / "columns.yaml"
    columns.write_text(page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0])
    broker.intake = replace(broker.intake, profiles=columns_at(columns))
    friday = "2026-05-29"
    await broker.post(withdrew("5", happened_at=f"{friday}T21:30:00+08:00"))
    await broker.drop(FUNDS, fundchg("80000001", "-5", friday))
    told = [(event["type"], event["data"]["trading_day"]) for event in broker.told()]
    assert told == [("funds.withdrawn", "2026-06-01")]
