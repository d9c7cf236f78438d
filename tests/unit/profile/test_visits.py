"""Whom to visit: every rule at its edge, what is unknown, merging, and the draw."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profile.domain.visit_draw import SAMPLE, Drawing, Selection, Task, merge, sample
from services.profile.domain.visit_people import birthday_of, plausible, read_day
from services.profile.domain.visits import RULES, Figures, Rules
from services.profile.visit_book import SHIPPED, WrongVisitRules, read_visits

DAY = date(2026, 11, 20)
PARAMETERS = read_visits().rules
NOBODY = Figures("c1", person=True)
LIMIT = PARAMETERS.loss  # 厘


def select(clients: Sequence[Figures], rules: Rules) -> Selection:
    """Judge the clients in two lots, as they come."""
    drawing = Drawing(rules, DAY, "2026")
    drawing.judge(clients[:1])
    drawing.judge(clients[1:])
    return drawing.selection()


@pytest.mark.parametrize(
    ("rule", "known", "verdict"),
    [
        ("A001", {"opened_on": DAY}, True),
        ("A001", {"opened_on": DAY - timedelta(days=364)}, True),
        ("A001", {"opened_on": DAY - timedelta(days=365)}, False),
        ("A001", {"opened_on": DAY + timedelta(days=1)}, False),
        ("A001", {}, None),
        ("A002", {"loss": LIMIT + 10, "base": None}, True),
        ("A002", {"loss": LIMIT, "base": LIMIT * 100}, False),
        ("A002", {"loss": LIMIT - 10, "base": LIMIT * 100}, False),
        ("A002", {"loss": 300, "base": 1000}, False),
        ("A002", {"loss": 301, "base": 1000}, True),
        ("A002", {"loss": 1, "base": 0}, True),
        ("A002", {"loss": 1, "base": None}, None),
        ("A002", {"loss": 0, "base": None}, False),
        ("A002", {"loss": -5, "base": 0}, False),
        ("A002", {}, None),
        ("A003", {"birthday": date(1956, 11, 20)}, False),
        ("A003", {"birthday": date(1955, 11, 21)}, False),
        ("A003", {"birthday": date(1955, 11, 20)}, True),
        ("A003", {"birthday": date(1930, 1, 1), "person": False}, False),
        ("A003", {}, None),
        ("A004", {"income": "依靠积蓄并有社会保障"}, True),
        ("A004", {"income": "工资"}, False),
        ("A004", {"income": "社保", "person": False}, False),
        ("A004", {"income": ""}, None),
        ("A005", {"occupation": "无业"}, True),
        ("A005", {"occupation": "教师"}, False),
        ("A005", {}, None),
        ("A006", {"risky": True}, True),
        ("A006", {"risky": False}, False),
        ("A006", {}, None),
    ],
)
def test_a_rule_at_its_edge(rule: str, known: dict[str, object], verdict: bool | None) -> None:
    client = replace(NOBODY, **known)  # type: ignore[arg-type]
    assert RULES[rule](client, PARAMETERS, DAY) is verdict


def test_several_rules_are_one_entry_and_the_unknown_is_counted() -> None:
    old = replace(NOBODY, birthday=date(1940, 1, 1), occupation="无业")
    none = replace(PARAMETERS, sample=Decimal(0))
    found = select([old, replace(NOBODY, customer_id="c2")], none)
    assert found.reasons == {"c1": ("A003", "A005")}
    counts = {name: (tally.met, tally.unknown) for name, tally in found.tallies.items()}
    assert counts == {
        "A001": (0, 2),
        "A002": (0, 2),
        "A003": (1, 1),
        "A004": (0, 2),
        "A005": (1, 1),
        "A006": (0, 2),
        SAMPLE: (0, 0),
    }


def chosen(*reasons: str) -> list[Figures]:
    known = {"A003": {"birthday": date(1940, 1, 1)}, "A005": {"occupation": "无业"}}
    client = NOBODY
    for reason in reasons:
        client = replace(client, **known[reason])  # type: ignore[arg-type]
    return [client]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], [Task("c1", 1, frozenset({"A003", "A005"}))]),
        ([Task("c1", 1, frozenset({"A003"}))], [Task("c1", 1, frozenset({"A005"}))]),
        ([Task("c1", 1, frozenset({"A003"}), done=True)], [Task("c1", 2, frozenset({"A005"}))]),
        ([Task("c1", 1, frozenset({"A003", "A005"}), done=True)], []),
        (
            [Task("c1", 1, frozenset({"A003"}), done=True), Task("c1", 2, frozenset({"A005"}))],
            [],
        ),
    ],
)
def test_an_open_task_gets_the_reasons_and_a_success_only_new_ones(
    known: list[Task], expected: list[Task]
) -> None:
    none = replace(PARAMETERS, sample=Decimal(0))
    assert merge(select(chosen("A003", "A005"), none), known) == expected


@given(st.sets(st.text("abc123", min_size=1), max_size=60), st.integers(0, 100), st.randoms())
def test_the_draw_is_of_the_size_and_hangs_on_the_seed_alone(
    clients: set[str], percent: int, random: object
) -> None:
    ratio, order = Decimal(percent) / 100, list(clients)
    random.shuffle(order)  # type: ignore[attr-defined]
    drawn = sample(order, ratio, "2026")
    assert drawn == sample(sorted(clients), ratio, "2026") <= clients
    assert len(drawn) == -(-len(clients) * percent // 100)


MAYBE_MONEY = st.none() | st.integers(-(10**9), 10**9)
CLIENTS = st.lists(
    st.builds(
        Figures,
        customer_id=st.text("0123456789", min_size=1, max_size=4),
        person=st.booleans(),
        opened_on=st.none() | st.dates(date(2024, 1, 1), date(2027, 1, 1)),
        loss=MAYBE_MONEY,
        base=MAYBE_MONEY,
        birthday=st.none() | st.dates(date(1940, 1, 1), date(2000, 1, 1)),
        income=st.none() | st.sampled_from(["工资", "社保", "积蓄", ""]),
        occupation=st.none() | st.sampled_from(["教师", "无业"]),
        risky=st.none() | st.booleans(),
    ),
    unique_by=lambda one: one.customer_id,
    max_size=30,
)


def older(one: Figures) -> bool:
    """Say whether the 71st birthday was, counted forward from the birth."""
    born = one.birthday
    return born is not None and (born.year + 71, born.month, born.day) <= (2026, 11, 20)


def lost(one: Figures) -> bool:
    """Say whether the loss, in yuan, was large."""
    if one.loss is None or one.loss <= 0:
        return False
    by_ratio = one.base is not None and one.loss * 10 > one.base * 3
    return Decimal(one.loss) / 1000 > 100_000 or by_ratio


def plainly(clients: Sequence[Figures]) -> dict[str, set[str]]:
    """Return who is named by what, one rule after the other."""
    newest = DAY - timedelta(days=364)
    people = [one for one in clients if one.person]
    by_rule = {
        "A001": [one for one in clients if one.opened_on and newest <= one.opened_on <= DAY],
        "A002": [one for one in clients if lost(one)],
        "A003": [one for one in people if older(one)],
        "A004": [one for one in people if one.income in ("社保", "积蓄")],
        "A005": [one for one in people if one.occupation == "无业"],
        "A006": [one for one in clients if one.risky],
    }
    named: dict[str, set[str]] = {}
    for rule, found in by_rule.items():
        for one in found:
            named.setdefault(one.customer_id, set()).add(rule)
    return named


@given(CLIENTS)
def test_who_is_named_is_who_a_plain_count_names(clients: list[Figures]) -> None:
    found = select(clients, replace(PARAMETERS, sample=Decimal(0)))
    assert {who: set(rules) for who, rules in found.reasons.items()} == plainly(clients)
    again = [Task(one.customer_id, one.round, one.rules) for one in merge(found, [])]
    assert merge(found, again) == []


def test_birthdays_are_read_or_unknown() -> None:
    assert birthday_of("11010119560229001X") == date(1956, 2, 29)
    assert birthday_of("11010119570229001X") is None
    assert birthday_of("110101560229001") is None
    assert [read_day(told) for told in ("1956/02/29", "19560229", "1956年")] == [
        date(1956, 2, 29),
        date(1956, 2, 29),
        None,
    ]
    assert plausible(DAY + timedelta(days=1), DAY) is None
    assert plausible(date(1850, 1, 1), DAY) is None
    assert plausible(date(1956, 2, 29), DAY) == date(1956, 2, 29)


def test_a_wrong_file_names_the_place(tmp_path: Path) -> None:
    shipped = SHIPPED.read_text(encoding="utf-8")
    for wrong, place in (("sample: 0.10", "sample: 2"), ("over: 70", "over: x")):
        path = tmp_path / f"{place[0]}.yaml"
        path.write_text(shipped.replace(wrong, place), encoding="utf-8")
        with pytest.raises(WrongVisitRules, match=place.partition(":")[0]):
            read_visits(path)


def test_a_batch_is_the_same_however_a_number_is_written() -> None:
    book = read_visits()
    same = book.changed({"large_loss": {"amount": "100000.00", "ratio": 0.3}, "sample": "0.1"})
    assert same.fingerprint == book.fingerprint
    assert book.changed({"elderly": {"over": 65}}).fingerprint != book.fingerprint
