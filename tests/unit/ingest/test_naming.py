"""What a file is, from its name, and which is taken first."""

import pytest

from services.ingest.domain.naming import recognise, taking_order
from services.ingest.domain.profiles.source import sources_of
from services.ingest.domain.rows import Unreadable
from services.ingest.domain.sources import catalogue
from shared.kernel.trading_day import china
from tests.kit.ingest import BROKER, DAY
from tests.kit.profiles import profile

OF_A_DAY = [
    *("customer", "cuscode", "cusaccount", "fundchg", "otherfund", "trddata", "liquiddetails"),
    *("holddata", "holddetails", "opttrddata", "optliquiddetails", "optholddata", "delivdetails"),
]


@pytest.mark.parametrize(
    ("name", "kind", "day", "scope"),
    [
        ("0137fundchg20260601.txt", "fundchg", DAY, "2026-06-01"),
        ("0137cusfund20260601.txt", "cusfund", DAY, "2026-06-01"),
        ("0137CUSFUND20260601.TXT", "cusfund", DAY, "2026-06-01"),
        *((f"{kind.upper()}20260601.Txt", kind, DAY, "2026-06-01") for kind in OF_A_DAY),
        ("relations.csv", "relations", None, "relations.csv"),
        ("staff-beijing.xlsx", "staff", None, "staff-beijing.xlsx"),
        ("baselines_20260530.csv", "baselines", DAY, "baselines_20260530.csv"),
    ],
)
def test_a_name_tells_kind_day_and_what_it_replaces(
    name: str, kind: str, day: object, scope: str
) -> None:
    named = recognise(name, china())
    assert (named.source.name, named.day, named.scope) == (kind, day, scope)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("notes.txt", f"the name is none of {', '.join(sorted(catalogue()))}"),
        ("0137amaccounts20260601.txt", "that is not used"),
        ("0137OTHERINFO20260601.TXT", "that is not used"),
        ("0137fundchg2026061.txt", "the name is none of"),
        ("0137fundchg20260631.txt", "the day in the name"),
        ("0137fundchg20260530.txt", "2026-05-30 is not a trading day"),
        ("0137fundchg20190102.txt", "outside calendar"),
        ("staff20261399.csv", "the day in the name"),
        ("relations.xls", "the name is none of"),
    ],
)
def test_a_name_that_says_nothing_is_refused(name: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        recognise(name, china())


def test_files_are_taken_people_first_then_day_by_day() -> None:
    wanted = [
        "staff.csv",
        "relations.csv",
        "baselines.csv",
        "0137fundchg20260529.txt",
        "0137opttrddata20260529.txt",
        "0137trddata20260529.txt",
        "0137liquiddetails20260529.txt",
        "0137holddetails20260529.txt",
        "0137holddata20260529.txt",
        "0137optholddata20260529.txt",
        "0137cusfund20260529.txt",
        "0137fundchg20260601.txt",
        "0137cusfund20260601.txt",
        "what.is.this",
    ]
    given = sorted(wanted, key=lambda name: name[::-1])
    assert sorted(given, key=lambda name: taking_order(name, china())) == wanted


def test_what_a_day_came_to_is_taken_after_what_moved_whatever_the_broker_calls_it() -> None:
    fund = "columns: {account: a, deposit: i, withdrawal: o}"
    held = "columns: {account: a, exchange: e, instrument: i, side: s, lots: l}"
    said = "columns: {account: a, equity: e, available: v}"
    profiles = [
        profile(f"{{name: {name}, takes: {takes}, file: {{name: '{title}_{{day}}.csv'}}, {rows}}}")
        for name, takes, title, rows in (
            ("said", "balances", "1", said),
            ("held", "positions-of-day", "2", held),
            ("fund", "funds-of-day", "3", fund),
        )
    ]
    own = sources_of(profiles, BROKER)
    names = ["1_20260601.csv", "2_20260601.csv", "3_20260601.csv", "0137cusfund20260601.txt"]
    taken = sorted(names, key=lambda name: taking_order(name, china(), own))
    assert taken == names[::-1]
