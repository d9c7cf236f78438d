"""The limits that docs/definitions.md names: what is not judged again, what an old state does."""

import msgspec

from services.mot.domain.account import Account, Spoken, changed
from services.mot.domain.detectors.daily_drawdown import DailyDrawdown
from tests.kit.events import DAY, TOMORROW, YESTERDAY, closed, settled
from tests.kit.scenario import Scenario, steps

rule = Scenario(DailyDrawdown())
eve = settled("100000", YESTERDAY)


def test_the_day_after_one_that_is_settled_late_is_not_judged_again() -> None:
    """The late day is the next one's opening equity; a replacement of the next one judges by it."""
    told = rule.given(eve, settled("70000", TOMORROW))
    assert told.account.opening(TOMORROW) == 100_000_000
    assert told.account.standing("daily_drawdown")
    assert not told.when(settled("85000", DAY))
    late = told.given(settled("85000", DAY))
    assert late.account.opening(TOMORROW) == 85_000_000
    assert late.account.standing("daily_drawdown"), "70,000 of 85,000 is less than a fifth lost"
    assert steps(late.when(settled("70000", TOMORROW))) == ["withdrawn"]


def test_a_state_of_before_does_not_know_what_was_confirmed() -> None:
    """An entry of four fields reads as unsettled, and the first close takes it back."""
    row = msgspec.json.encode(Spoken(2, 1, DAY, 3000, settled=True))
    old = msgspec.json.decode(msgspec.json.encode(msgspec.json.decode(row)[:4]), type=Spoken)
    account = changed(Account(), settled=DAY, spoken={f"daily_drawdown|{DAY}": old})
    assert (old.settled, old.stands) == (False, True)
    (found,) = DailyDrawdown().detect(closed(DAY), account, account, rule.calendar)
    assert found.step.value == "withdrawn"
