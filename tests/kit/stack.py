"""真的存储: the real Kafka, PostgreSQL and Valkey for tests, started once per session.

Ask for ``stores`` and the test is an ``integration`` test. Topics, consumer groups and Valkey keys
are shared by the session: use a broker or account of your own. Tables are not: ``fresh_database``.
A test of the whole chain takes stores of its own: ``own_stores``.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores
from shared.db.migrate import run as migrate
from shared.settings import PostgresSettings

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """The session's stores, topics declared: ``kafka``, ``postgres_dsn``, ``valkey_url``."""
    with Stores(tmp_path_factory.mktemp("stores"), Ports.free()) as running:
        yield running


@pytest.fixture(scope="session")
def template(stores: Stores) -> Callable[[str], str]:
    """Return the name of a database with a service's schema, migrated once in the session."""

    @cache
    def migrated(service: str) -> str:
        name = f"template_{os.getpid()}_{service}"
        settings = PostgresSettings(dsn=SecretStr(stores.create_database(name)))
        with ThreadPoolExecutor() as beside:  # a loop may be running here
            beside.submit(migrate, settings, service).result()
        return name

    return migrated


@pytest.fixture
def fresh_database(stores: Stores, template: Callable[[str], str]) -> Callable[..., str]:
    """Make a database at each call, empty or with the schema of the service that is named.

    Returns its ``postgresql+asyncpg://`` address.
    """

    def create(service: str | None = None) -> str:
        name = f"test_{os.getpid()}_{next(_NUMBER)}"
        return stores.create_database(name, *([template(service)] if service else []))

    return create


@pytest.fixture
def own_stores(tmp_path: Path) -> Iterator[Stores]:
    """Stores for one test alone, in its own folder: about ten seconds."""
    with Stores(tmp_path / "stores", Ports.free()) as running:
        yield running
