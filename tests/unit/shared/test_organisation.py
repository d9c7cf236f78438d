"""Whose rows a person reaches, in every tree that a staff file can make."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.organisation import Organisation, Person, RowScope
from shared.web.permissions import Reach


@dataclass(frozen=True)
class Row:
    manager_id: str | None = None
    branch_id: str | None = None


def managers(people: list[Person], of: str, reach: Reach = Reach.TEAM) -> set[str]:
    return set(Organisation(people).scope(of, reach).managers)


LEAD = Person("t", "b1", "h")
TEAM = [Person("h", "b1"), LEAD, Person("m", "b1", "t"), Person("n", "b1", "m")]


def test_a_lead_reaches_everybody_below_at_any_depth() -> None:
    assert managers(TEAM, "t") == {"t", "m", "n"}
    assert managers(TEAM, "t", Reach.OWN) == {"t"}
    assert managers(TEAM, "n") == {"n"}


def test_a_circle_of_leaders_ends_where_it_began() -> None:
    circle = [Person("a", leader_id="c"), Person("b", leader_id="a"), Person("c", leader_id="b")]
    assert managers(circle, "a") == {"a", "b", "c"}
    assert managers([Person("a", leader_id="a")], "a") == {"a"}


def test_an_orphan_and_an_unknown_person_reach_what_is_theirs_or_nothing() -> None:
    assert managers([Person("m", leader_id="nobody")], "m") == {"m"}
    for reach in Reach:
        assert Organisation([]).scope("ghost", reach) == RowScope()
        assert not RowScope().reaches(Row())
    assert Organisation([Person("h")]).scope("h", Reach.BRANCH) == RowScope()


def test_a_leavers_clients_are_the_last_successors_and_the_leavers_no_more() -> None:
    people = [
        Person("a", gone=True, successor_id="b"),
        Person("b", gone=True, successor_id="c"),
        Person("c"),
        Person("d", gone=True, successor_id="d"),
        Person("e", successor_id="c"),
    ]
    assert managers(people, "c", Reach.OWN) == {"a", "b", "c"}
    assert managers(people, "e", Reach.OWN) == {"e"}
    for leaver in "abd":
        assert Organisation(people).scope(leaver, Reach.COMPANY) == RowScope()


def test_a_leavers_clients_follow_the_successor_out_of_the_team() -> None:
    people = [*TEAM, Person("x", "b1", "t", gone=True, successor_id="y"), Person("y", "b2")]
    assert managers(people, "t") == {"t", "m", "n"}
    assert managers(people, "y") == {"x", "y"}


@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (Row("m", "b1"), True),
        (Row("z", "b1"), True),
        (Row(None, "b1"), True),
        (Row("m", None), True),
        (Row("m", "b2"), False),
        (Row("z", None), False),
        (Row(None, None), False),
    ],
)
def test_a_row_is_of_the_branch_it_names_else_of_its_managers(row: Row, reached: bool) -> None:
    assert Organisation(TEAM).scope("h", Reach.BRANCH).reaches(row) is reached
    assert Organisation(TEAM).scope("h", Reach.COMPANY).reaches(row)


ids = st.sampled_from("abcdef")
maybe = st.none() | ids
persons = st.builds(Person, ids, maybe, maybe, st.booleans(), maybe)
people_strategy = st.lists(persons, unique_by=lambda person: person.staff_id, max_size=6)


@given(people_strategy, st.builds(Row, maybe, maybe))
def test_in_any_tree_a_wider_reach_never_sees_less_and_a_leaver_sees_nothing(
    people: list[Person], row: Row
) -> None:
    tree = Organisation(people)
    for person in people:
        own, team, branch, company = (
            tree.scope(person.staff_id, reach).reaches(row) for reach in Reach
        )
        assert own <= team <= company
        assert branch <= company
        assert company is not person.gone


@given(people_strategy, ids)
def test_a_client_answers_to_at_most_one_manager(people: list[Person], manager: str) -> None:
    tree = Organisation(people)
    owners = [p for p in people if tree.scope(p.staff_id, Reach.OWN).reaches(Row(manager))]
    assert len(owners) <= 1
