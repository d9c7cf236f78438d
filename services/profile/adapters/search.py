"""找客户 — an account and its client by what is known of them, within a row scope."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.profile.adapters.clients import Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from shared.web.organisation import RowScope

FOUND = """
SELECT c.customer_id, c.customer_type, c.kind, c.display_name, c.sealed_phone,
       r.account, r.manager_id, r.branch_id, f.equity, f.available
FROM relations r
JOIN clients c ON c.broker = r.broker AND c.customer_id = r.customer_id
LEFT JOIN live_funds f ON f.broker = r.broker AND f.account = r.account
WHERE r.broker = :broker AND {conditions}
ORDER BY r.account COLLATE "C", r.customer_id COLLATE "C" LIMIT :most
"""
CONDITIONS: Mapping[str, str] = {
    "account": 'r.account COLLATE "C" >= CAST(:account AS text)'
    " AND r.account COLLATE \"C\" < CAST(:account AS text) || '~'",
    "client": "r.customer_id = :client",
    "manager": "r.manager_id = :manager",
    "branch": "r.branch_id = :branch",
    "introducing_broker": "r.introducing_broker = :introducing_broker",
    "kind": "c.kind = :kind",
    "surname": "starts_with(c.display_name, :surname)",
    "name": "c.name_index = ANY (CAST(:name AS text[]))",
    "phone": "c.phone_index = ANY (CAST(:phone AS text[]))",
    "masked_phone": "c.masked_phone_index = ANY (CAST(:masked_phone AS text[]))",
    "id_number": "c.id_index = ANY (CAST(:id_number AS text[]))",
}
"""What may be asked → its condition; ``account`` is the beginning of one."""
BEHIND = '(r.account COLLATE "C", r.customer_id COLLATE "C") > (:last_account, :last_client)'


async def find(
    records: Records,
    scope: RowScope,
    asked: Mapping[str, Any],
    after: Mapping[str, Any] | None,
    most: int,
) -> Rows:
    """Return accounts with their clients, by account; ``asked``: names of ``CONDITIONS``."""
    reached = within(scope)
    conditions: Sequence[str] = [reached.sql, *(CONDITIONS[name] for name in asked)]
    values = {**reached.values, **asked, "most": most}
    if after is not None:
        conditions = [*conditions, BEHIND]
        values |= {"last_account": after["account"], "last_client": after["customer_id"]}
    return await records.rows(FOUND.format(conditions=" AND ".join(conditions)), **values)
