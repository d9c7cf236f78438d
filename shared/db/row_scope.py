"""行范围 — a row scope as a part of a WHERE, for every service that keeps rows of clients."""

from typing import Any, NamedTuple

from shared.web.organisation import RowScope


class Where(NamedTuple):
    """A condition in SQL and the values that it binds."""

    sql: str
    values: dict[str, Any]


def within(scope: RowScope, manager: str = "manager_id", branch: str = "branch_id") -> Where:
    """Return the rows that a scope reaches; ``manager`` and ``branch`` name the columns.

    Only what the scope holds is asked, so that an index can answer.

    >>> within(RowScope(managers=frozenset({"m1"})), "r.manager_id")
    Where(sql='(r.manager_id = ANY (CAST(:managers AS text[])))', values={'managers': ['m1']})
    >>> within(RowScope()).sql
    'false'
    """
    if scope.everything:
        return Where("true", {})
    asked = {
        "managers": f"{manager} = ANY (CAST(:managers AS text[]))",
        "branches": f"{branch} = ANY (CAST(:branches AS text[]))",
        "branch_people": f"({branch} IS NULL AND {manager} = ANY (CAST(:branch_people AS text[])))",
    }
    held = {name: sorted(getattr(scope, name)) for name in asked if getattr(scope, name)}
    if not held:
        return Where("false", {})
    return Where(f"({' OR '.join(asked[name] for name in held)})", held)
