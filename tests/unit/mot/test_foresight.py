"""前瞻: a rule that the calendar is too short for is named, each day, never silent."""

from datetime import date
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.mot.domain.watch import Rules
from services.mot.foresight import Foresight, blind
from services.mot.rules import read_rules
from shared.calendars import calendar_at

ENDS = ["certificate_expiry", "rebate_expiry", "suitability_expiry"]
RULES = read_rules()


@pytest.mark.parametrize(
    ("today", "rules"),
    [
        (date(2026, 6, 1), []),
        (date(2026, 12, 3), []),  # 20 trading days are left: as many as the ends look ahead
        (date(2026, 12, 4), ENDS),
        (date(2026, 12, 14), ENDS),
        (date(2026, 12, 15), ["near_dormancy", *ENDS]),  # the judgement day of January
        (date(2026, 12, 31), ["near_dormancy", *ENDS]),
    ],
)
def test_the_rules_that_look_beyond_the_calendar_are_named(today: date, rules: list[str]) -> None:
    assert sorted(blind(RULES, today)) == sorted(rules)


def test_a_year_more_and_none_is_blind(tmp_path: Path) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(
        "{version: '2027', source: s, verified_on: 2026-12-20,"
        " coverage: {first: 2027-01-01, last: 2027-12-31},"
        " closed: [2027-01-01, 2027-10-01..2027-10-07]}"
    )
    longer = Rules(RULES.detectors, calendar_at(file))
    assert blind(longer, date(2026, 12, 31)) == []


def test_it_says_so_once_a_day_and_by_a_metric() -> None:
    foresight = Foresight()
    with capture_logs() as logs:
        for day in (14, 15, 15, 14, 16):
            foresight.look(date(2026, 12, day), RULES)
    errors = [log for log in logs if log["log_level"] == "error"]
    assert [log["day"] for log in errors] == ["2026-12-14", "2026-12-15", "2026-12-16"]
    assert "near_dormancy" in errors[1]["rules"]
    assert REGISTRY.get_sample_value("mot_rules_blind", {"rule": "near_dormancy"}) == 1
    assert REGISTRY.get_sample_value("mot_rules_blind", {"rule": "large_deposit"}) == 0


def test_far_from_the_end_it_is_quiet_and_the_metric_is_nought() -> None:
    with capture_logs() as logs:
        Foresight().look(date(2026, 6, 1), RULES)
    assert not logs
    assert REGISTRY.get_sample_value("mot_rules_blind", {"rule": "near_dormancy"}) == 0
