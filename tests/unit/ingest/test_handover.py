"""Who looks after a leaver's clients: chains, circles, nobody; and the history of a relation."""

from datetime import date

import pytest

from services.ingest.domain.handover import Heir, Roster, followed, handed_over
from shared.contracts.customers import Relation, Tenure
from shared.contracts.staff import Staff

DAY, LEFT, OPENED = date(2026, 6, 1), date(2026, 5, 29), date(2019, 3, 1)


def person(staff_id: str, left_on: date | None = None, **told: str | None) -> Staff:
    given = {"role": "manager", "branch_id": "b01"} | told
    return Staff.model_validate(
        {"broker": "demo", "staff_id": staff_id, "display_name": "王*", "left_on": left_on, **given}
    )


def roster(*people: Staff, day: date | None = DAY) -> Roster:
    return Roster({one.staff_id: one for one in people}, day)


def gone(staff_id: str, successor: str | None = None, **told: str | None) -> Staff:
    return person(staff_id, LEFT, successor_id=successor, **told)


@pytest.mark.parametrize(
    ("people", "heir"),
    [
        ([person("m1")], Heir("m1")),
        ([], Heir("m1")),
        ([gone("m1", "m2"), person("m2")], Heir("m2", LEFT)),
        ([gone("m1", "m2"), gone("m2", "m3"), person("m3")], Heir("m3", LEFT)),
        ([gone("m1", None, leader_id="h1"), person("h1")], Heir("h1", LEFT)),
        ([gone("m1", "unknown", leader_id="h1"), person("h1")], Heir("h1", LEFT)),
        (
            [gone("m1"), person("h9", role="branch-head", branch_id="b02")],
            Heir(None, LEFT, "nobody"),
        ),
        ([gone("m1"), person("h1", role="branch-head")], Heir("h1", LEFT)),
        ([gone("m1"), gone("h1", role="branch-head")], Heir(None, LEFT, "nobody")),
        ([gone("m1", "m2"), gone("m2", "m1")], Heir(None, LEFT, "circle")),
        ([gone("m1", "m1")], Heir(None, LEFT, "nobody")),
        ([person("m1", date(2026, 6, 2), successor_id="m2"), person("m2")], Heir("m1")),
        ([person("m1", DAY, successor_id="m2"), person("m2")], Heir("m2", DAY)),
    ],
)
def test_the_clients_go_to_the_first_who_is_here(people: list[Staff], heir: Heir) -> None:
    assert roster(*people).heir("m1") == heir


def test_the_later_of_two_leavings_counts() -> None:
    later = person("m2", DAY, successor_id="m3")
    assert roster(gone("m1", "m2"), later, person("m3")).heir("m1") == Heir("m3", DAY)


def test_without_a_day_whoever_has_a_last_day_is_gone() -> None:
    people = [person("m1", date(2030, 1, 1), successor_id="m2"), person("m2")]
    assert roster(*people, day=None).leavers() == ["m1"]


def relation(manager: str | None, since: date | None = OPENED) -> Relation:
    return Relation(account="1", manager_id=manager, since=since)


PEOPLE = roster(gone("m1", "m2"), person("m2"), person("m3"))


def test_a_handover_keeps_who_it_was_before() -> None:
    moved = handed_over(relation("m1"), PEOPLE)
    assert (moved.manager_id, moved.since) == ("m2", LEFT)
    assert moved.history == (Tenure(manager_id="m1", since=OPENED, until=LEFT),)
    assert handed_over(moved, PEOPLE) == moved


@pytest.mark.parametrize("manager", [None, "m2", "stranger"])
def test_who_has_not_left_keeps_the_client(manager: str | None) -> None:
    assert handed_over(relation(manager), PEOPLE) == relation(manager)


def test_an_old_file_that_names_the_leaver_changes_nothing() -> None:
    moved = handed_over(relation("m1"), PEOPLE)
    assert followed(moved, relation("m1"), PEOPLE) == moved
    assert followed(moved, relation("m2", None), PEOPLE) == moved


def test_a_file_that_names_another_manager_is_followed() -> None:
    moved = handed_over(relation("m1"), PEOPLE)
    now = followed(moved, relation("m3", DAY), PEOPLE)
    assert (now.manager_id, now.since) == ("m3", DAY)
    assert [tenure.manager_id for tenure in now.history or ()] == ["m1", "m2"]
    assert now.history is not None
    assert now.history[-1] == Tenure(manager_id="m2", since=LEFT, until=DAY)


def test_a_new_account_of_a_leaver_is_the_successors_at_once() -> None:
    assert followed(None, relation("m1"), PEOPLE).manager_id == "m2"


def test_a_manager_who_is_taken_away_stays_in_the_history() -> None:
    now = followed(relation("m2"), relation(None, None), PEOPLE)
    assert (now.manager_id, now.history) == (None, (Tenure(manager_id="m2", since=OPENED),))
    again = followed(now, relation("m3", DAY), PEOPLE)
    assert again.history == now.history


def test_an_account_without_a_manager_gets_one() -> None:
    nobody = roster(gone("m1"))
    assert followed(relation(None), relation("m1"), nobody).manager_id == "m1"
