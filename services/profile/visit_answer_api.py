"""``GET /v1/visit-questionnaire``, ``POST /v1/visits/{visit}/answers``: asked in the app 掌厅."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter

from services.profile.desk import Desk
from services.profile.domain.visit_questions import WrongAnswers, outcome
from services.profile.visit_answer_views import Answered, QuestionnaireView, QuestionView
from services.profile.visit_seeing import shown
from services.profile.visit_views import VisitView
from shared.web.access import Access
from shared.web.body import body_described, in_json
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.VISITS_READ)]
Answerer = Annotated[Access, allowed(Permission.VISITS_ANSWER)]
ANSWERED: TypeAdapter[Answered] = TypeAdapter(Answered)
Said = Annotated[Answered, Depends(in_json(ANSWERED))]
EXAMPLE = {
    "record": "0b5ed5f4-5d1c-4a39-9d35-3f7a6a4f2a11",
    "answered_at": "2026-06-01T20:30:00+08:00",
    "version": 1,
    "answers": {"self": "yes", "risk": "yes", "promise": "no", "truth": "yes", "notice": "yes"},
}
BODY = body_described(ANSWERED, {"good": EXAMPLE})


def router(desk: Desk) -> APIRouter:
    """Return the questionnaire and the writing back of its answers."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/visit-questionnaire")
    async def read_questionnaire(access: Reader) -> QuestionnaireView:
        """Return what the app asks a client whose visit is open."""
        book = desk.questions
        async with desk.open_records() as records:
            said = f"version={book.version}"
            await records.note(access.entry(desk.clock.now(), "visit-questionnaire.read", said))
        return QuestionnaireView(
            version=book.version,
            source=book.source._asdict(),
            questions=[
                QuestionView(question=n, **one.model_dump(include={"text", "english", "answers"}))
                for n, one in book.questions.items()
            ],
        )

    @made.post("/v1/visits/{visit}/answers", responses=described(404, 409, 413), openapi_extra=BODY)
    async def answer_visit(visit: UUID, access: Answerer, said: Said) -> VisitView:
        """Write back a client's answers: a success, unless one of them asks for a person."""
        if said.answered_at > desk.clock.now():
            raise Refusal(400, "answered_at: not yet")
        if said.version != desk.questions.version:
            raise Refusal(409, f"version: the questionnaire in force is {desk.questions.version}")
        try:
            result, reason = outcome(desk.questions.judged, said.answers)
        except WrongAnswers as wrong:
            raise Refusal(400, f"answers: {wrong}"[:500]) from None
        record = {
            "record": said.record,
            "visited_at": said.answered_at,
            "method": "app",
            "result": result,
            "reason": reason,
            "questionnaire": said.version,
            "answers": said.answers,
        }
        return await shown(desk, access, visit, "visit.answered", record)

    return made
