"""Fixtures, marks and the time budget of all tests."""

import os
import time
from collections.abc import Iterator

import pytest
import structlog

from tests.kit.stack import fresh_database, own_stores, stores, template

__all__ = ["fresh_database", "own_stores", "stores", "template"]

STORES = {"stores", "own_stores"}
BEGAN = time.monotonic()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for the real stores is an integration test, whether it says so or not."""
    for item in items:
        if STORES & set(getattr(item, "fixturenames", ())):
            item.add_marker("integration")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, and say so, a long test that would begin after ``TEST_BUDGET_S`` seconds."""
    budget = os.environ.get("TEST_BUDGET_S")
    if budget and item.get_closest_marker("full") and time.monotonic() - BEGAN > float(budget):
        pytest.skip(f"the {budget} s for long tests are used up; make test-full runs it")


@pytest.fixture(autouse=True)
def logs_as_they_come() -> Iterator[None]:
    """What a test sets about logs, such as a command that wants to be quiet, ends with it."""
    yield
    structlog.reset_defaults()
