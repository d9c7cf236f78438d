"""``GET /v1/accounts/{account}``: whose an account is and who looks after it.

Every look is in the audit before the answer leaves; one that cannot be written leaves no answer.
Out of reach and unknown are answered alike, and both are in the audit.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict

from services.ingest.desk import Desk
from services.ingest.domain.person import Address, ClientName
from shared.contracts.customers import CONTEXTS, Customer, Relation
from shared.contracts.event import Code
from shared.crypto import FieldCipher
from shared.kernel.masking import IdNumber, Personal, Phone
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described
from shared.web.reveal import Asked, Revealable, Sealed, Viewing, asked, shown

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
Wish = Annotated[Asked, Depends(asked)]


class AccountView(BaseModel):
    """账户 — whose it is and who looks after it; personal fields masked unless revealed."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    account: str
    customer_id: str
    customer_type: str
    name: Annotated[Sealed | None, Revealable("customer.name")]
    phone: Annotated[Sealed | None, Revealable("customer.phone")]
    id_card: Annotated[Sealed | None, Revealable("customer.id-card")]
    address: Annotated[Sealed | None, Revealable("customer.address")]
    manager_id: str | None
    branch_id: str | None
    introducing_broker: str | None
    since: date | None


def router(desk: Desk) -> APIRouter:
    """Return the question about one account."""
    made = APIRouter()

    @made.get(
        "/v1/accounts/{account}",
        response_model=AccountView,
        responses=described(400, 401, 403, 404, 503),
    )
    async def read_account(account: Code, access: Reader, wish: Wish) -> Response:
        """Say whose an account is. ``reveal`` shows fields in clear, for a reason."""
        names = wish.names(AccountView)
        look = access.entry(desk.clock.now(), f"account.{_DONE[bool(names)]}", account)
        if names and not access.principal.may(Permission.CLIENTS_REVEAL):
            tried = replace(look, fields=tuple(sorted(names)), reason=wish.reason)
            async with desk.open_records() as records:
                await records.trail.write(replace(tried, outcome="refused"))
            raise Refusal(403, f"{Permission.CLIENTS_REVEAL} is needed")
        async with desk.open_records() as records:
            customer = await records.client_of(account)
            relation = _relation(customer, account)
            viewing = _viewing(access, relation, names) if relation else None
            await records.trail.write(
                replace(
                    look,
                    fields=tuple(sorted(names)),
                    reason=wish.reason,
                    outcome="granted" if viewing else "refused",
                )
            )
        if customer is None or relation is None or viewing is None:
            raise Refusal(404, "no such account")
        return shown(view_of(customer, relation, desk.cipher), viewing)

    return made


_DONE = {False: "read", True: "revealed"}


def _relation(customer: Customer | None, account: str) -> Relation | None:
    relations = customer.relations if customer else ()
    return next((one for one in relations if one.account == account), None)


def _viewing(access: Access, relation: Relation, names: frozenset[str]) -> Viewing | None:
    sight = access.sight(relation)
    beyond = names and access.sight(relation, Permission.CLIENTS_REVEAL) is None
    return None if sight is None or beyond else Viewing(sight, names)


_PERSONAL: Mapping[str, tuple[str, Callable[[str], Personal]]] = {
    "name": ("sealed_name", ClientName),
    "phone": ("sealed_phone", Phone),
    "id_card": ("sealed_id_card", IdNumber),
    "address": ("sealed_address", Address),
}


def view_of(customer: Customer, relation: Relation, cipher: FieldCipher) -> AccountView:
    """Return an account as it is answered; its personal fields are opened only to be shown."""

    def sealed(field: str, mask: Callable[[str], Personal]) -> Sealed | None:
        value: str | None = getattr(customer, field)
        return Sealed(lambda: mask(cipher.open(value, CONTEXTS[field]))) if value else None

    personal = {name: sealed(*kept) for name, kept in _PERSONAL.items()}
    plain = relation.model_dump(exclude={"history"})
    client = {"customer_id": customer.customer_id, "customer_type": customer.customer_type}
    return AccountView.model_validate({**client, **plain, **personal})
