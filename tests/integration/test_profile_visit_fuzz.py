"""Whatever is written to the endpoints of return visits, the answer is one that was described."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS

from shared.web.api_keys import issue
from shared.web.permissions import Permission
from tests.integration.test_profile_access import Counter, counter
from tests.integration.test_profile_visits import stood, tasks
from tests.kit.issuer import NOW

__all__ = ["counter"]
pytestmark = pytest.mark.integration
SAID = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
WRITES = ("POST", "PUT", "DELETE")


def app_key(counter: Counter) -> str:
    """Return a key that may write a client's answers, as a system alone may."""
    may = frozenset({Permission.VISITS_READ, Permission.VISITS_ANSWER})
    made, kept = issue("app", may, NOW, NOW + timedelta(days=30))
    counter.keys.append(kept)
    return made


def request(case: schemathesis.Case[Any], visit: str) -> dict[str, Any]:
    """Return what to send; a task that is there, where the path or the body names one."""
    if "visit" in case.path_parameters:
        case.path_parameters = {"visit": visit}
    if isinstance(case.body, dict) and isinstance(case.body.get("visits"), list):
        case.body = {**case.body, "visits": [visit]}
    made = case.as_transport_kwargs(base_url="http://profile")
    sent = {name: made[name] for name in ("method", "params", "json") if made.get(name) is not None}
    if made.get("data") is not None:
        sent["content"] = made["data"]
    return {**sent, "path": made["url"], "headers": dict(made["headers"])}


async def test_whatever_is_written_is_answered_as_described(counter: Counter) -> None:
    await stood(counter)
    visit = (await tasks(counter, "risk"))["c-own"]["visit"]
    person = counter.token("r1", "risk", "operator", "branch-head")
    credentials = {"/v1/visits/{visit}/answers": app_key(counter)}
    loop, answered = asyncio.get_running_loop(), set[int]()

    def fuzz() -> None:
        schema = schemathesis.openapi.from_dict(counter.app.openapi())
        said: Any = CHECKS.get_by_names(list(SAID))
        for result in schema.include(path_regex="^/v1/visit").get_all_operations():
            outcome: Any = result
            operation = outcome.ok()
            if operation.method.upper() not in WRITES:
                continue

            @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy())
            def ask(case: schemathesis.Case[Any]) -> None:
                credential = credentials.get(case.operation.path, person)
                asked = counter.ask(credential=credential, **request(case, visit))
                answer = asyncio.run_coroutine_threadsafe(asked, loop).result(30)
                answered.add(answer.status_code)
                if answer.status_code != 405:  # a verb that no description names
                    case.validate_response(answer, checks=said)

            ask()

    await asyncio.to_thread(fuzz)
    assert answered & {200, 202}, "something was written"
