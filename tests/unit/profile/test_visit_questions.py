"""A questionnaire's answers: a success, a person who asks again, or a fault with its place."""

from pathlib import Path

import pytest

from services.profile.domain.visit_questions import WrongAnswers, outcome
from services.profile.visit_question_book import SHIPPED, WrongQuestions, read_questions

BOOK = read_questions()
GOOD = {
    name: next(code for code in one.answers if code not in one.alarms)
    for name, one in BOOK.questions.items()
}


def test_good_answers_are_a_success_and_each_alarming_one_is_not() -> None:
    assert outcome(BOOK.judged, GOOD) == ("succeeded", "")
    for name, question in BOOK.questions.items():
        for code in question.alarms:
            result, reason = outcome(BOOK.judged, {**GOOD, name: code})
            assert (result, reason.endswith(name)) == ("other", True)


@pytest.mark.parametrize(
    ("changed", "says"),
    [({"self": "maybe"}, "self: one of"), ({"other": "yes"}, "other: no such question")],
)
def test_a_wrong_answer_is_named(changed: dict[str, str], says: str) -> None:
    with pytest.raises(WrongAnswers, match=says):
        outcome(BOOK.judged, {**GOOD, **changed})
    with pytest.raises(WrongAnswers, match="risk: not answered"):
        outcome(BOOK.judged, {name: code for name, code in GOOD.items() if name != "risk"})


def test_the_shipped_questionnaire_is_read_and_says_it_is_not_verified(tmp_path: Path) -> None:
    assert not BOOK.source.verified
    assert all(one.alarms for one in BOOK.questions.values())
    planted = SHIPPED.read_text(encoding="utf-8").replace("alarms: [no]", "alarms: [maybe]", 1)
    path = tmp_path / "questions.yaml"
    path.write_text(planted, encoding="utf-8")
    with pytest.raises(WrongQuestions, match=r"questions\.self"):
        read_questions(path)
