"""可见 — a row scope of profile: what is reached, less the clients who are blocked (封存).

Every list stands on it; ``shared.db.row_scope`` is used nowhere else in profile but for sums that
name no client.
"""

from shared.db import row_scope
from shared.db.row_scope import Where
from shared.web.organisation import RowScope

OPEN = (
    "NOT EXISTS (SELECT FROM erasures sealed WHERE sealed.broker = {of}.broker"
    " AND sealed.customer_id = {of}.customer_id)"
)
"""The client of a row ``{of}`` is not blocked."""


def within(
    scope: RowScope, manager: str = "r.manager_id", branch: str = "r.branch_id", of: str = "r"
) -> Where:
    """Return the rows that a scope reaches and that may be shown; ``of``: whose client is named."""
    reached = row_scope.within(scope, manager, branch)
    return Where(f"({reached.sql} AND {OPEN.format(of=of)})", reached.values)
