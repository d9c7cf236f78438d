"""真的存储: the real Kafka, PostgreSQL and Valkey for tests, started once per session.

Ask for ``stores`` and the test is an ``integration`` test. Topics, consumer groups and Valkey keys
are shared by the session: use a broker or account of your own. Tables are not: ``fresh_database``.
A test of the whole chain takes stores of its own: ``own_stores``.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """The session's stores, topics declared: ``kafka``, ``postgres_dsn``, ``valkey_url``."""
    with Stores(tmp_path_factory.mktemp("stores"), Ports.free()) as running:
        yield running


@pytest.fixture
def fresh_database(stores: Stores) -> Callable[[], str]:
    """Make an empty database at each call and return its ``postgresql+asyncpg://`` address."""

    def create() -> str:
        return stores.create_database(f"test_{os.getpid()}_{next(_NUMBER)}")

    return create


@pytest.fixture
def own_stores(tmp_path: Path) -> Iterator[Stores]:
    """Stores for one test alone, in its own folder: about ten seconds."""
    with Stores(tmp_path / "stores", Ports.free()) as running:
        yield running
