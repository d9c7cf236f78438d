"""Batches of return visits: previewed, with parameters, one at a time, from a shell."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from services.profile.adapters.visit_generating import LOCK
from services.profile.commands.profile import app
from tests.integration.test_profile_access import Counter, counter
from tests.integration.test_profile_visits import DAY, batch, generating, stood, tasks
from tests.kit.profile import BROKER

__all__ = ["counter"]
pytestmark = pytest.mark.integration


async def test_a_preview_lands_nothing_and_counts_anew(counter: Counter) -> None:
    await stood(counter, generate=False)
    for _ in range(2):
        counted = await batch(counter, "/preview")
        assert (counted["preview"], counted["opened"]) == (True, 4)
    assert await tasks(counter, "risk") == {}
    assert (await batch(counter))["batch"] != counted["batch"]
    for day, status in (("2026-06-02", 409), ("1990-01-01", 400), ("2000-01-03", 409), ("x", 400)):
        answer = await counter.ask(
            "/v1/visit-batches", counter.token("r1"), "POST", json={"day": day}
        )
        assert answer.status_code == status, answer.text


async def test_parameters_are_changed_for_one_batch_and_a_wrong_one_is_named(
    counter: Counter,
) -> None:
    await stood(counter, generate=False)
    risk = counter.token("r1")
    shown = (await counter.ask("/v1/visit-rules", risk)).json()
    assert shown["parameters"]["large_loss"] == {"amount": "100000", "ratio": "0.30", "days": 20}
    nobody = {"sample": 0, "jobless": {"words": ["退休"]}}
    changed = await batch(counter, parameters=nobody)
    assert (changed["selected"], changed["rules"]["sample"]) == (0, "0")
    assert (await batch(counter))["selected"] == 4
    for parameters, place in (
        ({"large_loss": {"amount": -1}}, "large_loss.amount: "),
        ({"large_loss": {"amounts": 1}}, "large_loss.amounts: "),
        ({"elderly": 70}, "elderly: "),
        ({"risky": {"products": ["sc"]}}, "risky.products.0: "),
        ({"tags": {}}, "tags: no parameter of a batch"),
    ):
        body: dict[str, Any] = {"day": DAY, "parameters": parameters}
        answer = await counter.ask("/v1/visit-batches", risk, "POST", json=body)
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith(f"parameters: {place}"), answer.text


async def test_one_worker_generates_and_what_ends_it_is_tried_thrice(counter: Counter) -> None:
    await stood(counter, generate=False)
    risk = counter.token("r1")
    asked = await counter.ask("/v1/visit-batches", risk, "POST", json={"day": DAY})
    path = asked.headers["location"]
    async with counter.stage.database.begin() as connection:
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        assert await generating(counter).generate() is None
        assert await generating(counter).waiting() == 1
    await counter.stage.write("ALTER TABLE visit_tasks RENAME TO hidden")
    for _ in range(3):
        with pytest.raises(DBAPIError):
            await generating(counter).generate()
    found = (await counter.ask(path, risk)).json()
    assert (found["status"], found["wrong"], found["seen"]) == ("running", "ProgrammingError", 4)
    await counter.stage.write("ALTER TABLE hidden RENAME TO visit_tasks")
    await generating(counter).generate()
    assert (await counter.ask(path, risk)).json()["status"] == "failed"
    assert (await batch(counter))["opened"] == 4, "asked for again, it is tried again"


async def test_the_command_queues_a_batch_follows_it_and_shows_it(counter: Counter) -> None:
    await stood(counter, generate=False)
    dsn = counter.stage.database.url.render_as_string(hide_password=False)

    async def command(*words: str) -> tuple[int, str]:
        told = ["visits", *words, "--broker", BROKER, "--postgres", dsn]
        done = await asyncio.to_thread(CliRunner().invoke, app, told)
        return done.exit_code, done.output

    code, said = await command("generate", "--day", DAY, "--set", "sample=x", "--no-wait")
    assert (code, "parameters: sample: " in said) == (2, True), said
    code, said = await command("generate", "--day", DAY, "--set", "elderly.over=30", "--no-wait")
    assert (code, "queued" in said) == (0, True), said
    await generating(counter).generate()
    code, said = await command("generate", "--day", DAY, "--set", "elderly.over=30")
    assert (code, "opened 4" in said) == (0, True), said
    _, listed = await command("list")
    assert listed == said
    code, shown = await command("show", said.split()[1])
    assert "A003  命中 met 4  未知 unknown 0" in shown
    assert "over: 30" in shown
    assert (await command("show", "HF0"))[0] == 2
