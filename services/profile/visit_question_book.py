"""问卷的数据 — ``visit_questions.yaml``, or a file instead of it, becomes ``QuestionBook``."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from services.profile.domain.margin import Source
from services.profile.domain.visit_questions import Question

SHIPPED = Path(__file__).with_name("visit_questions.yaml")
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class WrongQuestions(ValueError):
    """A questionnaire that cannot be read; each fault with its place."""


class Asked(BaseModel):
    """One question with its answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Words
    english: Words
    answers: Annotated[dict[Name, Words], Field(min_length=2, max_length=20)]
    alarms: frozenset[Name] = frozenset()

    @model_validator(mode="after")
    def _alarms_are_answers(self) -> Self:
        if lost := sorted(self.alarms - set(self.answers)):
            raise ValueError(f"alarms: no such answer: {', '.join(lost)}")
        return self


class QuestionBook(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[int, Field(ge=1, le=100_000)]
    source: Source
    questions: Annotated[dict[Name, Asked], Field(min_length=1, max_length=30)]

    @property
    def judged(self) -> Mapping[str, Question]:
        """The questions, as the judgement needs them, in their order."""
        return {
            name: Question(one.text, one.english, one.answers, one.alarms)
            for name, one in self.questions.items()
        }


@cache
def read_questions(path: Path | None = None) -> QuestionBook:
    """Read the file, or the one that is shipped; raises ``WrongQuestions``."""
    try:
        table = yaml.load((path or SHIPPED).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 text alone
        return QuestionBook.model_validate(table)
    except yaml.YAMLError as error:
        raise WrongQuestions(" ".join(str(error).split())) from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        places = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
        raise WrongQuestions("; ".join(places)) from None
