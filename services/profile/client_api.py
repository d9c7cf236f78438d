"""``GET /v1/clients/{client}``: 360° of one client.

Every look is in the audit before the answer leaves. Out of reach and unknown are answered alike,
and both are in the audit.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.profile.adapters import clients
from services.profile.adapters.clients import Row, Rows
from services.profile.composing import composed
from services.profile.desk import Desk
from services.profile.examples import CLIENT
from services.profile.reach import NOBODYS, sight
from services.profile.views import ClientView
from shared.contracts.event import Code
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission, Sight
from shared.web.refusal import Refusal, described
from shared.web.reveal import Asked, Viewing, asked, shown

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
Wish = Annotated[Asked, Depends(asked)]
Days = Annotated[int, Query(ge=0, le=250, description="the latest settled days of each account")]
Alerts = Annotated[int, Query(ge=0, le=200, description="the latest alerts")]
_DONE = {False: "read", True: "revealed"}


def router(desk: Desk) -> APIRouter:
    """Return the question about one client."""
    made = APIRouter()

    @made.get(
        "/v1/clients/{client}",
        response_model=ClientView,
        responses={**described(400, 401, 403, 404, 503), 200: CLIENT},
    )
    async def read_client(
        client: Code, access: Reader, wish: Wish, days: Days = 20, alerts: Alerts = 20
    ) -> Response:
        """Say everything known of a client. ``reveal`` shows fields in clear, for a reason."""
        names = wish.names(ClientView)
        look = access.entry(desk.clock.now(), f"client.{_DONE[bool(names)]}", client)
        look = replace(look, fields=tuple(sorted(names)), reason=wish.reason)
        if names and not access.principal.may(Permission.CLIENTS_REVEAL):
            async with desk.open_records() as records:
                await records.note(replace(look, outcome="refused"))
            raise Refusal(403, f"{Permission.CLIENTS_REVEAL} is needed")
        async with desk.open_records() as records:
            row = await clients.client(records, client, _audits(access, wish))
            seen = _seen(access, await clients.relations(records, client), bool(names))
            if row is None or not seen:
                await records.note(replace(look, outcome="refused"))
                around = None
            else:
                whose = [relation for relation, _ in seen if relation is not NOBODYS]
                accounts = [relation["account"] for relation in whose]
                around = await clients.around(records, client, accounts, days, alerts)
                await records.note(look)
        if row is None or around is None:
            raise Refusal(404, "no such client")
        return shown(
            composed(row, whose, around, desk.cipher), Viewing(max(s for _, s in seen), names)
        )

    return made


def _audits(access: Access, wish: Asked) -> bool:
    """Say whether a blocked client is shown: to auditors, who say why."""
    return bool(wish.reason) and access.principal.may(Permission.AUDIT_READ)


def _seen(access: Access, relations: Rows, reveals: bool) -> Sequence[tuple[Row, Sight]]:
    """Return the accounts in reach with how much is seen; to reveal, those where one may."""
    found = [(row, sight(access, row)) for row in relations or [NOBODYS]]
    if reveals:
        found = [(row, s) for row, s in found if _may(access, row)]
    return [(row, s) for row, s in found if s is not None]


def _may(access: Access, row: Row) -> bool:
    return sight(access, row, Permission.CLIENTS_REVEAL) is not None
