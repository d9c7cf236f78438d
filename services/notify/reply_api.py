"""``POST /v1/alerts/{alert_id}/answers``: 已联系, 误报, 稍后, 转交, once each."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel

from services.notify.alert_api import seen
from services.notify.answer_bodies import EXAMPLES, SAID, Closed, Handed, Snooze
from services.notify.answering import REPEATED, TAKEN, Given
from services.notify.desk import Console, Desk
from services.notify.domain.answer import (
    Answered,
    HandedOver,
    Said,
    answer_id,
    settled,
)
from services.notify.domain.inbox import Entry
from services.notify.views import AnswerView, answer_view
from shared.web.access import Access
from shared.web.body import body_described, in_json
from shared.web.gate import allowed
from shared.web.permissions import OFFICES, Permission, Reach, Role
from shared.web.refusal import Refusal, described

Answerer = Annotated[Access, allowed(Permission.ALERTS_ANSWER)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,80}$",
        description="the same for a repeat; without it the same answer again is a repeat, but for"
        " `later`: each is a new one",
    ),
]
UNFIT = {
    "not-a-later": "until: later than now, by 7 days at most; later: there is no such time now",
    "to-oneself": "to: somebody else",
    "unknown-person": "to: nobody of that id can be told",
    "out-of-reach": "to: neither of the client's branch nor of an office that sees all",
}
OTHER = "this Idempotency-Key stood at another answer"
Body = Annotated[Closed | Snooze | Handed, Depends(in_json(SAID))]


class Receipt(BaseModel):
    """``repeated``: it had been said before, and nothing was changed."""

    fate: Literal["taken", "repeated"]
    answer: AnswerView


def router(desk: Desk) -> APIRouter:
    """Return the endpoint."""
    made = APIRouter(responses=described(400, 401, 403, 404, 409, 413, 422, 503))

    @made.post(
        "/v1/alerts/{alert_id}/answers",
        status_code=201,
        responses={200: {"model": Receipt, "description": "said before: nothing was changed"}},
        openapi_extra=body_described(SAID, EXAMPLES),
    )
    async def answer_alert(
        alert_id: UUID, access: Answerer, said: Body, response: Response, key: Key = None
    ) -> Receipt:
        """Say 已联系, 误报, 稍后 or 转交. Said again it is answered 200 and changes nothing."""
        answer, me = said.answer(), access.principal.name
        entry, before = await _before(desk, access, alert_id, answer)
        once = f"key|{key}" if key else f"console|{len(before)}|{answer}"
        given = Given(alert_id, me, answer, once, "console")
        known = repeated(given, before, entry.event.data.revision)
        receipt = _again(desk, known, answer) if known else await _taken(desk, given)
        response.status_code = 201 if receipt.fate == "taken" else 200
        return receipt

    return made


async def _before(
    desk: Desk, access: Access, alert_id: UUID, answer: Said
) -> tuple[Entry, Sequence[Answered]]:
    """Return the alert and its answers; raises when this one may not say this of it."""
    unfit, before = None, list[Answered]()
    async with desk.open_console() as console:
        found = await seen(desk, console, access, (alert_id, "alert.answered"))
        if found:
            unfit = await _unfit_heir(console, access, found[0], answer)
            before = list((await console.history(alert_id)).answers)
    if found is None:
        raise Refusal(404, "no such alert")
    if unfit:
        raise _cannot(unfit)
    return found[0], before


async def _taken(desk: Desk, given: Given) -> Receipt:
    fate = await desk.take(given)
    if fate not in (TAKEN, REPEATED):
        raise _cannot(fate)
    which = answer_id(given.alert_id, given.by, given.once)
    async with desk.open_console() as console:
        now = (await console.history(given.alert_id)).answers
    kept = next(one for one in now if one.answer_id == which)
    if fate == REPEATED:
        return _again(desk, kept, given.answer)
    return Receipt(fate="taken", answer=answer_view(kept))


def _again(desk: Desk, known: Answered, said: Said) -> Receipt:
    if known.answer != settled(said, known.at, desk.calendar):
        raise Refusal(409, OTHER)
    return Receipt(fate="repeated", answer=answer_view(known))


def repeated(given: Given, before: Sequence[Answered], revision: int) -> Answered | None:
    """Return the answer that this one repeats: of the same key, or the same as the last one."""
    which = answer_id(given.alert_id, given.by, given.once)
    known = next((one for one in before if one.answer_id == which), None)
    if known or not before or given.once.startswith("key|"):
        return known
    last = before[-1]
    said = (last.by, last.answer, last.revision)
    return last if said == (given.by, given.answer, revision) else None


def _cannot(why: str) -> Refusal:
    return Refusal(422, f"{why}: {UNFIT.get(why, 'it cannot be taken')}")


async def _unfit_heir(console: Console, access: Access, entry: Entry, answer: Said) -> str | None:
    """Return why an heir could not look after the client: of another branch, and no risk desk."""
    if not isinstance(answer, HandedOver):
        return None
    role = await console.role_of(answer.to)
    office = OFFICES.get(Role(role)) if role in set(Role) else None
    company = office is not None and office.reach is Reach.COMPANY
    scope = access.tree.scope(answer.to, Reach.COMPANY if company else Reach.BRANCH)
    if role is None:
        return "unknown-person"
    return None if scope.reaches(entry) else "out-of-reach"
