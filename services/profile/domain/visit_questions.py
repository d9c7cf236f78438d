"""回访问卷 — what is asked, and what a client's answers come to. Pure."""

from collections.abc import Mapping
from typing import NamedTuple


class Question(NamedTuple):
    """``answers``: code → words; ``alarms``: the codes after which somebody asks again."""

    text: str
    english: str
    answers: Mapping[str, str]
    alarms: frozenset[str]


class WrongAnswers(ValueError):
    """Answers to other questions, or none that the question knows; each with its place."""


class Outcome(NamedTuple):
    """What the visit came to, as a record has it."""

    result: str
    reason: str


def outcome(questions: Mapping[str, Question], answers: Mapping[str, str]) -> Outcome:
    """Return 成功 when no answer alarms, else 其他 with the questions that did.

    Raises ``WrongAnswers`` unless every question is answered by one of its answers.
    """
    faults = [f"{name}: no such question" for name in sorted(set(answers) - set(questions))]
    faults += [f"{name}: not answered" for name in questions if name not in answers]
    faults += [
        f"{name}: one of {', '.join(question.answers)}"
        for name, question in questions.items()
        if name in answers and answers[name] not in question.answers
    ]
    if faults:
        raise WrongAnswers("; ".join(faults))
    alarmed = [name for name, one in questions.items() if answers[name] in one.alarms]
    if not alarmed:
        return Outcome("succeeded", "")
    return Outcome("other", f"问卷要再问 ask again: {'、'.join(alarmed)}")
