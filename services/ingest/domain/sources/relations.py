"""关系 — which client an account is of, and who looks after it. One row an account."""

import re
from dataclasses import dataclass

from services.ingest.domain.person import ClientName, client_name
from services.ingest.domain.registry_cells import day
from services.ingest.domain.rows import BadRow, code
from services.ingest.domain.source import Cells, Context, Tabular
from services.ingest.domain.tags import tags_of
from shared.contracts.customers import Relation
from shared.contracts.topics import CUSTOMER

REQUIRED = frozenset({"account", "customer_id", "customer_name", "customer_type"})
OPTIONAL = frozenset({"manager_id", "branch_id", "introducing_broker", "since"})
LONGEST_TYPE = 40


@dataclass(frozen=True, slots=True)
class RelationRow:
    """One account of a client, and what the row says of the client."""

    customer_id: str
    name: ClientName
    customer_type: str
    relation: Relation
    tags: dict[str, str]


def read(cells: Cells, context: Context) -> RelationRow:
    """Return the relation; an empty cell says that there is none (no manager, no branch)."""
    customer_type = cells.get("customer_type", "")
    if not 0 < len(customer_type) <= LONGEST_TYPE:
        raise BadRow("customer_type", f"1 to {LONGEST_TYPE} characters expected")
    since = cells.get("since", "")
    return RelationRow(
        customer_id=code(cells.get("customer_id", ""), "customer_id"),
        name=client_name(cells.get("customer_name", ""), "customer_name"),
        customer_type=customer_type,
        relation=Relation(
            account=code(cells.get("account", ""), "account"),
            manager_id=_code_or_none(cells, "manager_id"),
            branch_id=_code_or_none(cells, "branch_id"),
            introducing_broker=_code_or_none(cells, "introducing_broker"),
            since=day(since, "since") if since else None,
        ),
        tags=tags_of(cells, REQUIRED | OPTIONAL),
    )


def _code_or_none(cells: Cells, name: str) -> str | None:
    text = cells.get(name, "")
    return code(text, name) if text else None


source = Tabular(
    name="relations",
    order=1,
    topic=CUSTOMER,
    pattern=re.compile(r"relations.*\.(csv|xlsx)"),
    read=read,
    personal=True,
    required=REQUIRED,
)
