"""A client's answers come back from the company's app, once, and a person sees them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared.web.api_keys import issue
from shared.web.permissions import Permission
from tests.integration.test_profile_access import Counter, counter
from tests.integration.test_profile_visits import stood, tasks
from tests.kit.issuer import NOW

__all__ = ["counter"]
pytestmark = pytest.mark.integration


async def test_answers_are_written_back_once(counter: Counter) -> None:
    await stood(counter)
    scopes = frozenset({Permission.VISITS_READ, Permission.VISITS_ANSWER})
    app, kept = issue("app", scopes, NOW, NOW + timedelta(days=30))
    counter.keys.append(kept)
    asked = (await counter.ask("/v1/visit-questionnaire", app)).json()
    answers = {"self": "yes", "risk": "yes", "promise": "no", "truth": "yes", "notice": "yes"}
    assert {one["question"] for one in asked["questions"]} == set(answers)
    open_ = (await counter.ask("/v1/visits?client=c-own&status=open", app)).json()["rows"]
    path = f"/v1/visits/{open_[0]['visit']}/answers"
    at = (NOW - timedelta(hours=1)).isoformat()
    said = {"record": str(uuid4()), "answered_at": at, "version": 1, "answers": answers}

    for changed, status in (
        ({"version": 2}, 409),
        ({"answers": {}}, 400),
        ({"answered_at": (NOW + timedelta(days=1)).isoformat()}, 400),
        ({"answers": {**answers, "promise": "yes"}}, 200),
        ({"answers": {**answers, "promise": "yes"}}, 200),
        ({}, 409),
        ({"record": str(uuid4())}, 200),
    ):
        answer = await counter.ask(path, app, "POST", json={**said, **changed})
        assert answer.status_code == status, answer.text
    told = (await counter.ask(path.removesuffix("/answers"), counter.token("m1"))).json()
    assert [(one["method"], one["result"], one["questionnaire"]) for one in told["records"]] == [
        ("app", "other", 1),
        ("app", "succeeded", 1),
    ]
    assert told["records"][0]["reason"].endswith("promise")
    assert told["records"][1]["answers"] == answers
    assert (await tasks(counter, "risk"))["c-own"]["status"] == "succeeded"
    for who in ("m1", "r1"):
        answer = await counter.ask(path, counter.token(who), "POST", json=said)
        assert answer.status_code == 403, "a person records, the client answers"
