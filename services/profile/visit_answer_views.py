"""What is asked in a return visit's questionnaire, and what is answered."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.profile.view import View

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,19}$")]


class Answered(BaseModel):
    """问卷答案 — ``record``: the same for a repeat; ``version``: of the questionnaire shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: UUID
    answered_at: AwareDatetime
    version: Annotated[int, Field(ge=1, le=100_000)]
    answers: Annotated[dict[Code, Code], Field(max_length=30)]


class QuestionView(View):
    """A question; ``answers``: code → words."""

    question: str
    text: str
    english: str
    answers: dict[str, str]


class QuestionnaireView(View):
    """The questionnaire in force."""

    version: int
    source: dict[str, Any]
    questions: list[QuestionView]
