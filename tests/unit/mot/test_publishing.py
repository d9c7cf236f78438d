"""What a file would publish: only what it names changes, and every mistake is named at once."""

import pytest

from services.mot.commands.publishing import Author, Change, drafted
from services.mot.domain.detectors import catalogue
from services.mot.domain.watch import Rules
from services.mot.rulebook import Rulebook
from services.mot.rules import WrongRules, read_rules
from shared.contracts.rules import published
from tests.kit.events import DAY, moment

ANN = Author("ann", moment(DAY, "10:00"), "too many calls")


def book(*taken: Change) -> Rulebook:
    made = Rulebook(read_rules())
    for change in taken:
        made.take(published(change.rule).encode())
    return made


def one(text: str, *taken: Change) -> Change:
    (change,) = drafted(text, book(*taken), ANN)
    return change


def test_a_line_changes_what_it_names_and_takes_the_next_version() -> None:
    change = one('large_withdrawal: {limit: "3000000"}')
    assert change.changes == {"limit": ("5000000", "3000000")}
    assert (change.rule.version, change.rule.author, change.rule.note) == (2, *ANN[::2])
    assert change.rule.thresholds == {"limit": "3000000", "floor": "500000", "share": "0.5"}
    assert change.rule.urgency == "high"


def test_what_it_leaves_out_stays_as_it_was_published() -> None:
    first = one('large_withdrawal: {limit: "3000000", urgency: low}')
    second = one('large_withdrawal: {floor: "100000"}', first)
    assert second.changes == {"floor": ("500000", "100000")}
    assert second.rule.thresholds["limit"] == "3000000"
    assert (second.rule.version, second.rule.urgency) == (3, "low")


def test_a_rule_is_switched_off_and_on_with_its_thresholds() -> None:
    tuned = one('large_withdrawal: {limit: "3000000"}')
    off = one("large_withdrawal: {enabled: false}", tuned)
    assert "large_withdrawal" not in book(tuned, off).latest.rules.detectors
    still = one("large_withdrawal: {urgency: middle}", tuned, off)
    assert not still.rule.enabled
    on = one("large_withdrawal: {enabled: true}", tuned, off)
    now = book(tuned, off, on).latest.rules.detectors["large_withdrawal"]
    assert now.thresholds()["limit"] == "3000000"


def test_the_shipped_file_changes_nothing_of_itself() -> None:
    text = "\n".join(f"{name}: {{version: 2}}" for name in catalogue())
    assert all(not change.changes for change in drafted(text, book(), ANN))


def test_a_rule_that_the_file_does_not_have_begins_with_the_codes_defaults() -> None:
    bare = Rulebook(Rules({}, read_rules().calendar))
    (change,) = drafted("negative_equity: {}", bare, ANN)
    assert (change.rule.version, change.rule.enabled) == (1, True)


@pytest.mark.parametrize("name", catalogue())
def test_what_is_published_of_any_rule_is_what_a_worker_reads(name: str) -> None:
    (change,) = drafted(f"{name}: {{version: 7}}", book(), ANN)
    was = read_rules().detectors[name]
    now = book(change).latest.rules.detectors[name]
    assert now == was.model_copy(update={"version": 7})


def test_every_mistake_is_named_at_once_with_its_place() -> None:
    text = """
large_withdrawl: {limit: 5}
large_withdrawal: {limt: 5}
margin_call: {version: 1}
consecutive_overdraft: {days: 0}
negative_equity: {enabled: perhaps}
near_dormancy: 5
"""
    with pytest.raises(WrongRules) as refused:
        drafted(text.replace("near_dormancy: 5\n", ""), book(), ANN)
    said = str(refused.value)
    for place in (
        "no such rule: large_withdrawl",
        "large_withdrawal.limt",
        "margin_call.version: 1 must be above 1",
        "consecutive_overdraft.days",
        "negative_equity.enabled",
    ):
        assert place in said
    with pytest.raises(WrongRules, match="near_dormancy: not a table"):
        drafted(text, book(), ANN)
