"""报表范围 — ``company``, ``branch:b01`` or ``manager:m001``: whose figures, and who may ask."""

import re
from collections.abc import Sequence

from services.profile.reach import Whose
from shared.db.row_scope import Where, within
from shared.web.organisation import RowScope
from shared.web.refusal import Refusal

PATTERN = r"^(company|(branch|manager):[A-Za-z0-9._-]{1,64})$"
_SCOPE = re.compile(PATTERN, re.ASCII)
_NAMED = {"branch": "r.branch_id = :unit", "manager": "r.manager_id = :unit"}


def rows_of(scope: str, reach: RowScope) -> Where:
    """Return the accounts of a scope, never more than are reached; empty: all that are.

    A unit wholly out of reach is refused: its zeros would look like figures. Raises ``Refusal``.
    """
    reached = within(reach, "r.manager_id", "r.branch_id")
    if not scope:
        return reached
    if _SCOPE.fullmatch(scope) is None:
        raise Refusal(400, "scope: company, branch:… or manager:…")
    level, _, unit = scope.partition(":")
    if not _reached(level, unit, reach):
        raise Refusal(403, f"{level} is out of reach")
    if level == "company":
        return reached
    return Where(f"{reached.sql} AND {_NAMED[level]}", {**reached.values, "unit": unit})


def reached_units(reach: RowScope) -> Sequence[str] | None:
    """Return the units whose reports a reader may have; None: every unit's."""
    if reach.everything:
        return None
    managers = reach.managers | reach.branch_people
    return sorted(f"branch:{one}" for one in reach.branches) + sorted(
        f"manager:{one}" for one in managers
    )


def whose(unit: str) -> Whose:
    """Return what decides who reaches a unit, as of an account that is its own."""
    level, _, name = unit.partition(":")
    return Whose(**{f"{level}_id": name}) if name else Whose()


def _reached(level: str, unit: str, reach: RowScope) -> bool:
    known = {
        "company": frozenset[str](),
        "branch": reach.branches,
        "manager": reach.managers | reach.branch_people,
    }
    return reach.everything or unit in known[level]
