"""Files of a broker's own form, dropped: read by their profile, told like our own kinds."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.ingest.agent.taking import Fate
from services.ingest.commands.ingest import app
from services.ingest.domain.profiles.source import sources_of
from services.ingest.domain.profiles.tallied import tally_of
from tests.kit import cfmmc
from tests.kit.ingest import DAY, cusfund, fundchg, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED
from tests.kit.profiles import CTP, ESUNNY, balances, flow, profile, source
from tests.kit.telling_broker import TellingBroker

ROW = "80012345,20260601,20260601 10:31:05,F{n},O,5.00,,人民币,银期"
DAYS = """
name: day-funds
takes: funds-of-day
file: {name: "day_{day}.csv"}
columns: {account: a, deposit: i, withdrawal: o, currency: {value: RMB}}
"""
TRADES = """
name: day-trades
takes: %s
file: {name: "trades_{day}.csv"}
columns:
  {account: a, exchange: {value: 上期所}, instrument: i, trade_id: n, direction: d,
   offset: {value: 开}, lots: l, price: p, executed_at: t, fee: f}
"""
HELD = """
name: day-held
takes: positions-of-day
file: {name: "held_{day}.csv"}
columns: {account: a, exchange: {value: SHFE}, instrument: i, side: s, lots: l}
"""


class Site(TellingBroker):
    """A broker over fake books with profiles of its own."""

    def __init__(self, *profiles: str) -> None:
        super().__init__()
        own = [profile(text) for text in profiles]
        sources = (source(ESUNNY), source(CTP), *sources_of(own, "demo"))
        self.intake = replace(self.intake, profiles=sources, tally=tally_of(own))


@pytest.fixture
def site() -> Site:
    return Site(DAYS, TRADES % "trades", HELD)


async def test_a_flow_is_told_row_by_row_and_the_next_export_adds_to_it(site: Site) -> None:
    one, two = ROW.format(n=1), ROW.format(n=2)
    outcome = await site.intake.take("资金流水_20260601_1.csv", flow(one, "bad,row,,,,,,,"))
    assert (outcome.fate, outcome.good, outcome.bad) == (Fate.TAKEN, 1, 1)
    outcome = await site.intake.take("资金流水_20260601_2.csv", flow(one, two))
    assert outcome.notes["known"] == 1
    assert [e["data"]["serial"] for e in site.books.now.told()] == ["F1", "F2"]
    (letter,) = site.books.now.letters()
    assert letter.headers
    assert letter.headers["origin-line"] == "3"
    assert b"bad" not in letter.body


async def test_a_movement_of_a_flow_is_the_day_s_file_s_and_a_push_s(site: Site) -> None:
    await site.post(withdrew("5.00", "F1", account="80012345"))
    await site.intake.take("资金流水_20260601.csv", flow(ROW.format(n=1)))
    await site.drop(FUNDS, fundchg("80012345", "-5.00"))
    assert site.types() == ["funds.withdrawn"]


async def test_balances_settle_as_cusfund_does_and_are_one_fact_with_it(site: Site) -> None:
    row = ["80012345", "张小明", 1000, 0, 0, 2, 0, 990, -8, 0, 990]
    name = "资金对账表_20260601.xlsx"
    await site.intake.take(name, balances(row))
    await site.drop(SETTLED, cusfund("80012345", "990"))
    assert site.types() == ["account.settled"]
    settled = site.last("account.settled")
    assert (settled["commission"], settled["opening_equity"]) == ("2", "1000")
    assert (await site.intake.take(name, balances(row))).fate is Fate.KNOWN
    await site.intake.take(name, balances([*row[:7], 991, -7, 0, 991]))
    assert site.last("account.settled")["equity"] == "991"


async def test_a_file_that_is_its_day_takes_back_what_it_lacks(site: Site) -> None:
    await site.post(withdrew("7", "x", account="1"))
    await site.drop_text("day_20260601.csv", "a,i,o\n1,5,\n2,,3\n")
    assert sorted(site.types()) == [
        "funds.deposited",
        "funds.reversed",
        "funds.withdrawn",
        "funds.withdrawn",
    ]
    await site.drop_text("day_20260601.csv", "a,i,o\n1,5,\n")
    assert site.last("funds.reversed")["amount"] == "3"
    assert {event["source"] for event in site.books.now.told("funds.reversed")} == {
        "guanchao/day-funds"
    }


TRADE = "a,i,n,d,l,p,t,f\n"


async def test_trades_are_told_where_they_are_new_or_different(site: Site) -> None:
    first, second = (
        "1,rb2610,T1,买,2,3110,2026-06-01 10:00:00,1.5",
        "1,rb2610,T2,买,1,1,2026-06-01,0",
    )
    await site.drop_text("trades_20260601.csv", f"{TRADE}{first}\n{second}\n")
    await site.drop_text("trades_20260601.csv", f"{TRADE}{first.replace('1.5', '1.6')}\n")
    told = [(e["data"]["trade_id"], e["data"]["fee"]) for e in site.books.now.told()]
    assert told == [("T1", "1.5"), ("T2", "0"), ("T1", "1.6")]
    assert len({event["id"] for event in site.books.now.told()}) == 3


async def test_trades_of_a_day_are_cancelled_when_they_are_gone() -> None:
    site = Site(TRADES % "trades-of-day")
    row = "1,rb2610,T1,买,2,3110,2026-06-01 10:00:00,1.5"
    await site.drop_text("trades_20260601.csv", f"{TRADE}{row}\n{row.replace('T1', 'T2')}\n")
    await site.drop_text("trades_20260601.csv", f"{TRADE}{row}\n")
    last = site.last("trade.settled")
    assert (last["trade_id"], last["cancelled"]) == ("T2", True)


TRADED = """1,rb2610,T1,买,2,3110,2026-06-01 10:00:00,1.5
1,rb2610,T2,买,1,3110,2026-06-01 10:00:01,0.25
2,rb2610,T3,卖,4,3110,2026-06-01 10:00:02,2
"""
DAY_OF_FILES = [
    ("trades_20260601.csv", f"{TRADE}{TRADED}"),
    ("held_20260601.csv", "a,i,s,l\n1,rb2610,多,3\n"),
    (SETTLED, cusfund("1", "990") + "\n" + cusfund("2", "5") + "\n" + cusfund("3", "7") + "\n"),
]
FIGURES = ("traded_lots", "commission", "position_lots")


def figures(site: Site) -> dict[str, list[Any]]:
    """Return account → what its last settlement says of lots, fees and holdings."""
    settled = [event["data"] for event in site.books.now.told("account.settled")]
    return {one["account"]: [one.get(name) for name in FIGURES] for one in settled}


@pytest.mark.parametrize("files", list(permutations(DAY_OF_FILES)))
async def test_trades_and_holdings_stand_in_the_settlement_whichever_comes_first(
    files: Sequence[tuple[str, str]],
) -> None:
    site = Site(TRADES % "trades-of-day", HELD)
    for name, text in files:
        await site.drop_text(name, text)
    assert figures(site) == {"1": [3, "1.75", 3], "2": [4, "2", 0], "3": [0, "0", 0]}


async def test_of_trades_that_are_only_added_who_has_none_is_not_known(site: Site) -> None:
    for name, text in DAY_OF_FILES:
        await site.drop_text(name, text)
    assert figures(site) == {"1": [3, "1.75", 3], "2": [4, "2", 0], "3": [None, None, 0]}
    more = "3,rb2610,T4,卖,5,3110,2026-06-01 10:00:02,2.5\n"
    await site.drop_text("trades_20260601.csv", f"{TRADE}{more}")
    assert figures(site)["3"] == [5, "2.5", 0]


async def test_the_files_of_cfmmc_are_the_authority_on_what_adds_up() -> None:
    site = Site(TRADES % "trades-of-day")
    for name, text in DAY_OF_FILES[::2]:
        await site.drop_text(name, text)
    line = cfmmc.line("trddata", account="1", trade_id="T1", volume="2", fee="9.00")
    await site.drop(cfmmc.name("trddata"), line)
    assert figures(site) == {"1": [2, "9", None], "2": [0, "0", None], "3": [0, "0", None]}


async def test_a_trade_that_two_profiles_tell_counts_once() -> None:
    also = (TRADES % "trades").replace("day-trades", "also").replace("trades_", "also_")
    site = Site(TRADES % "trades-of-day", also)
    await site.drop_text("also_20260601.csv", f"{TRADE}{TRADED}")
    for name, text in DAY_OF_FILES[::2]:
        await site.drop_text(name, text)
    assert figures(site)["1"] == [3, "1.75", None]


async def test_what_balances_say_themselves_is_not_counted() -> None:
    own = """
name: own-balances
takes: balances
file: {name: "balances_{day}.csv"}
columns: {account: a, equity: e, available: e, commission: c}
"""
    site = Site(TRADES % "trades-of-day", own)
    await site.drop_text("balances_20260601.csv", "a,e,c\n1,990,8\n")
    await site.drop_text(*DAY_OF_FILES[0])
    await site.drop_text("balances_20260601.csv", "a,e,c\n1,991,9\n")
    assert figures(site) == {"1": [3, "9", None]}


async def test_without_fees_in_the_trades_no_fee_is_told() -> None:
    site = Site((TRADES % "trades-of-day").replace(", fee: f", ""))
    for name, text in DAY_OF_FILES[::2]:
        await site.drop_text(name, text)
    assert figures(site)["1"] == [3, None, None]


async def test_of_an_account_with_an_unreadable_line_no_lots_are_told() -> None:
    site = Site(TRADES % "trades-of-day", HELD)
    bad = TRADED.replace("T2,买,1", "T2,买,x")
    for name, text in [DAY_OF_FILES[2], ("trades_20260601.csv", f"{TRADE}{bad}")]:
        await site.drop_text(name, text)
    assert figures(site) == {"1": [None] * 3, "2": [4, "2", None], "3": [0, "0", None]}
    await site.drop_text(*DAY_OF_FILES[0])
    assert figures(site)["1"] == [3, "1.75", None]


async def test_positions_are_a_book_that_may_become_empty(site: Site) -> None:
    await site.drop_text("held_20260529.csv", "a,i,s,l\n1,rb2610,多,2\n2,rb2610,short,1\n")
    await site.drop_text("held_20260601.csv", "a,i,s,l\n2,rb2610,空,1\n")
    books = [
        (e["data"]["account"], e["data"]["trading_day"], len(e["data"]["holdings"]))
        for e in site.books.now.told("positions.settled")
    ]
    assert books == [
        ("1", "2026-05-29", 1),
        ("2", "2026-05-29", 1),
        ("1", "2026-06-01", 0),
        ("2", "2026-06-01", 1),
    ]


async def test_of_an_account_with_an_unreadable_line_no_book_is_told(site: Site) -> None:
    good = "a,i,s,l\n1,rb2610,多,2\n2,rb2610,空,1\n"
    await site.drop_text("held_20260529.csv", good)
    await site.drop_text("held_20260601.csv", good.replace("多,2", "多,x"))
    days = [event["data"]["trading_day"] for event in site.books.now.told("positions.settled")]
    assert days == ["2026-05-29", "2026-05-29", "2026-06-01"]
    await site.drop_text("held_20260601.csv", good)
    assert site.last("positions.settled")["account"] == "1"


async def test_a_row_of_another_day_than_its_file_is_bad(site: Site) -> None:
    late = "1,rb2610,T1,买,2,3110,2026-06-01 10:00:00,1.5"
    text = TRADES.replace("account: a,", "account: a, trading_day: y,") % "trades"
    other = Site(text)
    outcome = await other.drop_text(
        "trades_20260601.csv", f"y,{TRADE}2026-06-02,{late}\n{DAY},{late}\n"
    )
    assert (outcome.good, outcome.bad) == (1, 1)


def invoke(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_a_dry_run_reports_row_by_row_and_shows_nobody(tmp_path: Path) -> None:
    path = tmp_path / "资金流水_20260601.csv"
    path.write_bytes(flow(ROW.format(n=1), ROW.format(n=2).replace("5.00", "x")))
    code, said = invoke("check", str(ESUNNY), str(path))
    assert code == 1
    assert "✗ 第 3 行 line 3: 发生金额: not an amount: 'x'" in said
    assert "✗ funds: 好 good 1，坏 bad 1" in said
    assert '"type":"funds.withdrawn"' in said
    assert '"account":"***345"' in said
    assert "80012345" not in said


def test_a_dry_run_of_a_good_file_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(balances(["80012345", "张小明", 1000, 0, 0, 2, 0, 990, -8, 0, 990]))
    code, said = invoke("check", str(CTP), str(path), "--as", "资金对账表20260601.xlsx")
    assert (code, "80012345" in said, "张小明" in said) == (0, False, False)
    assert "✓ balances: 好 good 1，坏 bad 0" in said


@pytest.mark.parametrize(
    ("name", "says"),
    [("other.csv", "is not 资金流水_{day}*.csv"), ("资金流水_20269999.csv", "the day in the name")],
)
def test_a_file_that_is_not_the_profile_s_is_unusable(name: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(flow(ROW.format(n=1)))
    code, said = invoke("check", str(ESUNNY), str(tmp_path / name))
    assert (code, says in said) == (2, True)


def test_a_profile_that_cannot_be_read_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("name: x", encoding="utf-8")
    code, said = invoke("check", str(tmp_path / "p.yaml"), str(ESUNNY))
    assert (code, "p.yaml: name: String should match" in said) == (2, True)
    assert invoke("profiles", "--folder", str(tmp_path))[0] == 2


def test_the_profiles_are_listed() -> None:
    code, said = invoke("profiles")
    assert code == 0
    assert "esunny-funds  funds  资金流水_{day}*.csv  易盛资金流水" in said
