"""Who may open what, by hand; one 厘, one point and one day below are not enough."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profile.domain.permissions import (
    Condition,
    Figures,
    Rules,
    Status,
    evaluate,
)
from services.profile.permission_book import SHIPPED, WrongConditions, read_conditions
from services.profile.permission_views import account_view

DAY = date(2026, 11, 23)
RULES: Rules = read_conditions().rules
CLASSES = {one.code: one for one in RULES.classes}
WAN = 10_000 * 1000  # 厘
RICH = Figures(
    day=DAY,
    least=50 * WAN,
    days=5,
    orders=10,
    complete=True,
    level=4,
    level_until=DAY,
    score=80,
)


def status(of: str, **other: Any) -> str:
    return evaluate(replace(RICH, **other), CLASSES[of], RULES).status.value


@pytest.mark.parametrize(
    ("of", "other", "wanted"),
    [
        ("ine-crude", {}, "eligible"),
        ("ine-crude", {"least": 50 * WAN - 1}, "not-met"),
        ("dce-specified", {"least": 10 * WAN}, "eligible"),
        ("dce-specified", {"least": 10 * WAN - 1}, "not-met"),
        ("ine-crude", {"days": 4}, "unknown"),
        ("ine-crude", {"days": 4, "least": 50 * WAN - 1}, "not-met"),
        ("ine-crude", {"least": None, "days": 0}, "unknown"),
        ("ine-crude", {"score": 79}, "not-met"),
        ("ine-crude", {"score": None}, "eligible"),
        ("ine-crude", {"orders": 9}, "not-met"),
        ("ine-crude", {"orders": 9, "complete": False}, "unknown"),
        ("ine-crude", {"complete": False}, "eligible"),
        ("ine-crude", {"level": 3}, "not-met"),
        ("ine-crude", {"level": 5}, "eligible"),
        ("ine-crude", {"level": None}, "unknown"),
        ("ine-crude", {"level_until": date(2026, 11, 22)}, "not-met"),
        ("ine-crude", {"level_until": None}, "unknown"),
        ("ine-crude", {"orders": 0, "score": 0, "traded_days": 50}, "eligible"),
        ("ine-crude", {"orders": 0, "traded_days": 49}, "not-met"),
        ("ine-crude", {"least": 0, "traded_days": 250}, "not-met"),
        ("ine-crude", {"least": 0, "level": 1, "orders": 0, "professional": True}, "eligible"),
        ("ine-crude", {"opened": frozenset({"ine-crude"}), "least": 0}, "open"),
        ("ine-crude", {"opened": frozenset({"cffex"}), "least": 0, "orders": 0}, "eligible"),
        ("ine-crude", {"opened": frozenset({"dce-options"}), "least": 0}, "not-met"),
        ("dce-options", {"opened": frozenset({"ine-crude"}), "least": 0}, "eligible"),
        ("dce-options", {"opened": frozenset({"ine-crude"}), "level": 3}, "not-met"),
    ],
)
def test_by_hand(of: str, other: dict[str, Any], wanted: str) -> None:
    assert status(of, **other) == wanted


def test_each_condition_says_its_figure_the_threshold_and_what_is_missing() -> None:
    poor = replace(RICH, least=50 * WAN - 1, score=None, orders=3, traded_days=50)
    told = account_view("80000001", poor, RULES)
    (crude,) = [one for one in told.permissions if one.product_class == "ine-crude"]
    assert [tuple(one.model_dump().values()) for one in crude.conditions] == [
        ("funds", False, "499999.999", "500000", "0.001", None),
        ("knowledge", None, None, "80", None, "traded"),
        ("experience", False, "3", "10", "7", "traded"),
        ("suitability", True, "4", "4", "0", None),
    ]
    assert (crude.status, crude.products) == (Status.NOT_MET, ["sc"])


FIGURES = st.builds(
    Figures,
    day=st.just(DAY),
    least=st.none() | st.integers(0, 100 * WAN),
    days=st.integers(0, 5),
    orders=st.integers(0, 20),
    complete=st.booleans(),
    traded_days=st.integers(0, 100),
    level=st.none() | st.integers(1, 5),
    level_until=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    score=st.none() | st.integers(0, 100),
    professional=st.booleans(),
    opened=st.frozensets(st.sampled_from(sorted(CLASSES)), max_size=2),
)
_BETTER = {Status.NOT_MET: 0, Status.UNKNOWN: 1, Status.ELIGIBLE: 2, Status.OPEN: 3}


@given(FIGURES, st.sampled_from(RULES.classes), st.integers(0, 50 * WAN))
def test_more_of_anything_never_makes_it_worse(figures: Figures, of: Any, more: int) -> None:
    before = _BETTER[evaluate(figures, of, RULES).status]
    known = figures.least is not None
    better = replace(
        figures,
        least=(figures.least or 0) + more if known else None,
        orders=figures.orders + 1,
        traded_days=figures.traded_days + 1,
    )
    assert _BETTER[evaluate(better, of, RULES).status] >= before


@given(FIGURES, st.sampled_from(RULES.classes))
def test_eligible_is_whom_nothing_bars_and_nothing_unknown_but_the_test(
    figures: Figures, of: Any
) -> None:
    found = evaluate(figures, of, RULES)
    barring = [one for one in found.judged if not one.exempt and one.met is not True]
    if found.status is Status.ELIGIBLE:
        assert {(one.condition, one.met) for one in barring} <= {(Condition.KNOWLEDGE, None)}
    if found.status is Status.NOT_MET:
        assert any(one.met is False for one in barring)
    assert (found.status is Status.OPEN) == (of.code in figures.opened)


@pytest.mark.parametrize(
    ("line", "other", "where"),
    [
        ("knowledge: 80", "knowledge: many", "knowledge"),
        ("level: 4", "level: 9", "level"),
        ("rank: 2", "rank: none", "classes.cffex.rank"),
        ("funds: 500000", "funds: -1", "classes.cffex.funds"),
        ("orders: 10", "order: 10", "orders"),
        ("exempts: ", "exempts: {", "expected"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, line: str, other: str, where: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert line in text
    file = tmp_path / "rules.yaml"
    file.write_text(text.replace(line, other, 1), encoding="utf-8")
    with pytest.raises(WrongConditions, match=where):
        read_conditions(file)


def test_every_figure_has_a_source_and_says_that_it_is_unverified() -> None:
    told = read_conditions()
    assert told.source.name
    assert not told.source.verified
    assert {one.exchange for one in told.classes.values()} == {
        "SHFE",
        "INE",
        "DCE",
        "CZCE",
        "CFFEX",
        "GFEX",
    }
