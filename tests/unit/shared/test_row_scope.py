"""A row scope in a WHERE says what the scope itself says, of every row."""

import sqlite3
from itertools import product

import pytest

from shared.db.row_scope import within
from shared.web.organisation import Organisation, OrgTree, Person, RowScope
from shared.web.permissions import Reach

PEOPLE = (
    Person("h1", "b01"),
    Person("m1", "b01", "h1"),
    Person("m2", "b02"),
    Person("left", "b01", gone=True, successor_id="m1"),
)
TREE: OrgTree = Organisation(PEOPLE)
MANAGERS = ("m1", "m2", "h1", "left", "nobody", None)
BRANCHES = ("b01", "b02", None)


class Row:
    def __init__(self, manager_id: str | None, branch_id: str | None) -> None:
        self.manager_id, self.branch_id = manager_id, branch_id


ROWS = [Row(*one) for one in product(MANAGERS, BRANCHES)]


def asked(scope: RowScope, row: Row) -> bool:
    """Ask SQLite, with PostgreSQL's arrays spelled out."""
    where = within(scope, ":manager_id", ":branch_id")
    sql, values = where.sql, vars(row)
    for name, held in where.values.items():
        said = ", ".join(f"'{one}'" for one in held)
        sql = sql.replace(f"= ANY (CAST(:{name} AS text[]))", f"IN ({said})")
    with sqlite3.connect(":memory:") as connection:
        (found,) = connection.execute(f"SELECT {sql}", values).fetchone()
    connection.close()
    return bool(found)


@pytest.mark.parametrize("reach", Reach)
@pytest.mark.parametrize("staff_id", ["h1", "m1", "m2", "left", "nobody"])
def test_it_reaches_the_same_rows(staff_id: str, reach: Reach) -> None:
    scope = TREE.scope(staff_id, reach)
    assert [asked(scope, row) for row in ROWS] == [scope.reaches(row) for row in ROWS]


def test_two_scopes_together_reach_what_either_does() -> None:
    one, other = TREE.scope("m2", Reach.OWN), TREE.scope("h1", Reach.BRANCH)
    both = one | other
    for row in ROWS:
        assert both.reaches(row) == (one.reaches(row) or other.reaches(row))
        assert asked(both, row) == both.reaches(row)
