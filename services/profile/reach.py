"""可见 — which rows of clients the one who asks reaches, and how much of them is seen."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.web.access import Access
from shared.web.permissions import Permission, Sight


class Whose(NamedTuple):
    """Whose an account is."""

    manager_id: str | None = None
    branch_id: str | None = None


def sight(
    access: Access, row: Mapping[str, Any], permission: Permission | None = None
) -> Sight | None:
    """Return how much of a row's client is seen; None: it is out of reach."""
    return access.sight(Whose(row["manager_id"], row["branch_id"]), permission)


NOBODYS: Mapping[str, Any] = Whose()._asdict()
"""A client without an account: the whole company's alone."""
