"""客户 — who a client is, whose each account is now and was before."""

from collections.abc import Iterator, Mapping

from services.profile.domain.fact import Facts, Place
from services.profile.domain.table import Row, Table, sequence_of
from shared.contracts.customers import CustomerChanged, Relation

CLIENT = ("broker text", "customer_id text")
KINDS: Mapping[str, str] = {"自然人": "person", "一般法人": "company", "特殊法人": "special"}
"""客户类型 → which of the three; a source's other words stand in ``customer_type`` alone."""

CLIENTS = Table(
    "clients",
    CLIENT,
    (
        "customer_no text",
        "customer_type text",
        "kind text",
        "display_name text",
        "sealed_name text",
        "sealed_phone text",
        "sealed_id_card text",
        "sealed_address text",
        "sealed_birthday text",
        "occupation text",
        "income_source text",
        "name_index text",
        "phone_index text",
        "masked_phone_index text",
        "id_index text",
        "tags jsonb",
    ),
    members=("relations", "tenures"),
)
RELATIONS = Table(
    "relations",
    (*CLIENT, "account text"),
    ("manager_id text", "branch_id text", "introducing_broker text", "since date"),
)
TENURES = Table(
    "tenures",
    (*CLIENT, "account text", "place integer"),
    ("manager_id text", "since date", "until date"),
)


def changed(event: CustomerChanged, place: Place) -> Iterator[Row]:
    """Take the client's whole state."""
    told, sequence = event.data, sequence_of(event.sequence)
    named = {"broker": told.broker, "customer_id": told.customer_id, "sequence": sequence}
    plain = told.model_dump(exclude={"broker", "customer_id", "relations"})
    yield CLIENTS.row(
        **named,
        **plain,
        kind=KINDS.get(told.customer_type, "other"),
        name_index=place.finder.name(told),
        masked_phone_index=place.finder.masked_phone(told),
    )
    for relation in told.relations:
        of = {**named, "account": relation.account}
        yield RELATIONS.row(**of, **relation.model_dump(exclude={"account", "history"}))
        for number, tenure in enumerate(_tenures(relation)):
            yield TENURES.row(**of, place=number, **tenure)


def _tenures(relation: Relation) -> Iterator[dict[str, object]]:
    """Yield the managers before, the first one first, and the one of now."""
    for before in relation.history or ():
        yield before.model_dump()
    if relation.manager_id is not None:
        yield {"manager_id": relation.manager_id, "since": relation.since, "until": None}


FACTS = Facts((CLIENTS, RELATIONS, TENURES), {"customer.changed": changed})
