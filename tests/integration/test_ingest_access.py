"""Who may see what, in PostgreSQL: the audit that stays, keys of systems, sealing anew."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from deploy.cli import build
from services.ingest.adapters.books import books_of
from services.ingest.adapters.records import records_of
from services.ingest.adapters.resealing import kept_of
from services.ingest.agent.directory import DirectoryPosting
from services.ingest.agent.resealing import Resealing, Step
from services.ingest.api import Door, create_api
from services.ingest.desk import PUSH, Desk, tree_of
from shared.blind_index import BlindIndex
from shared.clock import DrivenClock, WallClock
from shared.contracts.customers import CONTEXTS, Customer
from shared.contracts.staff import Staff
from shared.crypto import CannotOpen, FieldCipher
from shared.db import audit
from shared.db.api_keys import PostgresKeys
from shared.db.audit import PostgresTrail
from shared.db.session import engine
from shared.kernel.audit import Broken, Entry, Head, Sought
from shared.settings import PostgresSettings, TokenRules
from shared.web.api_keys import ApiKey, KeyRing, SettingsKey
from shared.web.gate import Authority
from shared.web.tokens import Tokens
from tests.kit.ingest import CIPHER, cusfund, fundchg, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker
from tests.kit.issuer import AUDIENCE, ISSUER, NOW, Issuer

STAFF = "staff_id,name,role,mobile,leader_id\n" + "".join(
    f"m{n},王大明,manager,1381234567{n},\n" for n in range(5)
)
RELATIONS = "account,customer_id,customer_name,customer_type,manager_id\n" + "".join(
    f"8000000{n},c{n},张小明,自然人,m{n}\n" for n in range(5)
)
NEW_KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
OLD_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ROTATED = FieldCipher({"k2": NEW_KEY, "k1": OLD_KEY})
REASON = {"X-Reveal-Reason": "call back"}


@dataclass
class Site:
    """ingest's API over a real database."""

    dsn: str
    database: AsyncEngine
    issuer: Issuer
    cipher: FieldCipher = CIPHER

    async def ask(self, path: str, credential: str, **headers: str) -> httpx.Response:
        return await self.request("GET", path, credential, headers)

    async def post(self, credential: str) -> httpx.Response:
        kind = {"Content-Type": "application/cloudevents-batch+json"}
        return await self.request("POST", "/v1/events", credential, kind, [withdrew("1")])

    async def request(
        self, method: str, path: str, credential: str, headers: dict[str, str], body: object = None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app())
        headers = {"Authorization": f"Bearer {credential}", **headers}
        async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
            content = None if body is None else json.dumps(body)
            return await client.request(method, path, headers=headers, content=content)

    def app(self) -> FastAPI:
        clock, open_records = WallClock(), records_of(self.database)
        rules = TokenRules(issuer=ISSUER, audience=AUDIENCE)
        tokens = Tokens(rules, self.issuer.jwks, DrivenClock(NOW))
        known = (SettingsKey("push", PUSH), KeyRing(self.keys, clock), tokens)
        authority = Authority(known, tree_of(open_records, clock))
        broker = Broker(books_of(self.database))
        door = Door(lambda: False, lambda receipt: None)
        desk = Desk(authority, open_records, self.cipher, clock)
        return create_api(broker.posting, DirectoryPosting(broker.intake), door, desk)

    async def keys(self) -> list[ApiKey]:
        async with self.database.connect() as connection:
            return list(await PostgresKeys(connection).all())

    def token(self, staff_id: str, role: str) -> str:
        return self.issuer.token(staff_id=staff_id, roles=[role])

    async def verify(self, noted: dict[int, bytes] | None = None) -> Head | Broken:
        async with self.database.connect() as connection:
            return await audit.verify(connection, noted or {})

    async def write(self, *actors: str) -> None:
        async def one(actor: str) -> None:
            async with self.database.begin() as connection:
                entry = Entry(NOW, actor, ("manager",), "account.read", "80000001", "t")
                await PostgresTrail(connection).write(entry)

        await asyncio.gather(*map(one, actors))

    async def execute(self, *statements: str) -> None:
        async with self.database.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    def command(self, *words: str) -> tuple[int, str]:
        said = CliRunner().invoke(build(words[0]), [*words, "--postgres", self.dsn])
        return said.exit_code, said.stdout.strip()


@pytest.fixture
async def site(fresh_database: Callable[..., str]) -> AsyncIterator[Site]:
    dsn = fresh_database("ingest")
    postgres = PostgresSettings(dsn=SecretStr(dsn))
    connected = engine(postgres, "ingest", 8)
    yield Site(dsn, connected, Issuer())
    await connected.dispose()


async def test_a_look_is_masked_scoped_and_in_the_audit(site: Site) -> None:
    broker = Broker(books_of(site.database))
    await broker.drop_text("staff.csv", STAFF)
    await broker.drop_text("relations.csv", RELATIONS)
    manager = site.token("m1", "manager")
    own = await site.ask("/v1/accounts/80000001?reveal=name", manager, **REASON)
    assert (own.status_code, own.json()["name"]) == (200, "张小明")
    assert (await site.ask("/v1/accounts/80000001", manager)).json()["name"] == "张**"
    assert (await site.ask("/v1/accounts/80000002", manager)).status_code == 404
    read = (await site.ask("/v1/audit?actor=m1", site.token("a1", "auditor"))).json()["entries"]
    assert [(e["action"], e["subject"], e["outcome"], e["reason"]) for e in read] == [
        ("account.read", "80000002", "refused", ""),
        ("account.read", "80000001", "granted", ""),
        ("account.revealed", "80000001", "granted", "call back"),
    ]
    assert isinstance(await site.verify(), Head)


async def test_a_change_of_the_directory_is_in_the_audit_with_it(site: Site) -> None:
    rows = [{"staff_id": "m1", "name": "王大明", "role": "manager"}, {"staff_id": "m2"}]
    answer = await site.request(
        "POST", "/v1/directory/staff", site.token("o1", "operator"), {}, rows
    )
    assert answer.json()["accepted"] == 1
    async with site.database.connect() as connection:
        [(_, entry, _)] = await audit.page(connection, Sought())
    assert (entry.actor, entry.action, entry.subject) == ("o1", "directory.changed", "staff")
    assert entry.fields == ("accepted:1", "unchanged:0", "refused:1")


async def test_files_come_in_pages(site: Site) -> None:
    broker = Broker(books_of(site.database))
    await broker.drop_text("staff.csv", STAFF)
    await broker.drop(FUNDS, fundchg("80000001", "-5"))
    await broker.drop(SETTLED, cusfund("80000001", "3"))
    operator, seen, after = site.token("o1", "operator"), [], ""
    for _ in range(3):
        page = (await site.ask(f"/v1/files?limit=1{after}", operator)).json()
        seen += [file["kind"] for file in page["files"]]
        after = f"&after={page['next']}"
    assert seen == ["cusfund", "fundchg", "staff"]
    last = (await site.ask(f"/v1/files?limit=1{after}", operator)).json()
    assert last == {"files": [], "next": None}
    assert len((await site.ask("/v1/files?kind=staff", operator)).json()["files"]) == 1


async def test_many_who_look_at_once_make_one_chain_without_a_gap(site: Site) -> None:
    await site.write(*(f"m{n}" for n in range(40)))
    end = await site.verify()
    assert end.n == 40
    assert isinstance(end, Head)


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit WHERE n = 2",
        "TRUNCATE audit",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET n = 1",
        "TRUNCATE audit_head",
    ],
)
async def test_the_audit_is_appended_to_and_never_changed(site: Site, attempt: str) -> None:
    await site.write("m1", "m2")
    with pytest.raises(DBAPIError, match="never changed"):
        await site.execute(attempt)
    assert (await site.verify()).n == 2


OFF = ("ALTER TABLE audit DISABLE TRIGGER USER", "ALTER TABLE audit_head DISABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("crime", "found"),
    [
        ("DELETE FROM audit WHERE n = 2", Broken(2, "missing")),
        ("DELETE FROM audit WHERE n = 4", Broken(4, "missing at the end")),
        ("UPDATE audit SET reason = 'x' WHERE n = 3", Broken(3, "changed, or the entry before it")),
        ("DELETE FROM audit", Broken(1, "missing at the end")),
    ],
)
async def test_what_is_removed_behind_the_triggers_is_found(
    site: Site, crime: str, found: Broken
) -> None:
    await site.write("m1", "m2", "m3", "m4")
    await site.execute(*OFF, crime)
    assert await site.verify() == found


async def test_a_chain_cut_with_its_head_is_found_by_the_head_noted_before(site: Site) -> None:
    await site.write("m1", "m2", "m3", "m4")
    noted = await site.verify()
    assert isinstance(noted, Head)
    cut = "UPDATE audit_head SET (n, digest) = (SELECT n, digest FROM audit WHERE n = 3)"
    await site.execute(*OFF, "DELETE FROM audit WHERE n = 4", cut)
    assert (await site.verify()).n == 3
    assert await site.verify({noted.n: noted.digest}) == Broken(4, "missing, but noted")
    await site.write("m5")
    assert await site.verify({noted.n: noted.digest}) == Broken(4, "not what was noted")


async def test_the_commands_issue_a_key_that_opens_until_it_is_revoked(site: Site) -> None:
    code, key = await asyncio.to_thread(
        site.command, "keys", "new", "feed-2", "--scope", "events:write"
    )
    assert (code, (await site.post(key)).status_code) == (0, 202)
    _, listed = await asyncio.to_thread(site.command, "keys", "list")
    id_ = listed.split()[0]
    assert key not in listed
    assert "feed-2" in listed
    assert (await asyncio.to_thread(site.command, "keys", "revoke", id_))[0] == 0
    assert (await site.post(key)).status_code == 401
    assert (await asyncio.to_thread(site.command, "keys", "revoke", id_))[0] == 2
    _, told = await asyncio.to_thread(site.command, "audit", "list")
    assert [line.split()[4] for line in told.splitlines()] == ["key.revoked", "key.created"]
    code, whole = await asyncio.to_thread(site.command, "audit", "verify")
    assert (code, whole.split()[-1].split(":")[0]) == (0, "3")  # the list is in it, too
    await site.execute(*OFF, "DELETE FROM audit WHERE n = 1")
    assert (await asyncio.to_thread(site.command, "audit", "verify"))[0] == 1


async def sealed(database: AsyncEngine) -> list[str]:
    """Return every sealed value that ingest keeps."""
    async with database.connect() as connection:
        clients = (await connection.execute(text("SELECT body FROM customers"))).scalars()
        people = (await connection.execute(text("SELECT body FROM staff"))).scalars()
        letters = text(
            "SELECT convert_from(body, 'UTF8') FROM records WHERE headers ~ '\"sealed\"'"
        )
        rows = (await connection.execute(letters)).scalars()
        customers = [Customer.model_validate_json(body) for body in clients]
        held = [c.sealed_name for c in customers]
        held += [Staff.model_validate_json(body).sealed_mobile or "" for body in people]
        return [*held, *rows]


async def reseal(site: Site, batches: int = 100) -> list[Step]:
    """Seal anew; stop after some batches, as a kill would."""
    index = BlindIndex({"b1": OLD_KEY})
    work = Resealing(ROTATED, index, lambda: NOW + timedelta(hours=1), kept_of(site.database), 2)
    steps: list[Step] = []
    async for step in work.run():
        steps.append(step)
        if len(steps) == batches:
            break
    return steps


async def test_sealing_anew_goes_on_where_it_was_and_ends(site: Site) -> None:
    broker = Broker(books_of(site.database))
    await broker.drop_text("staff.csv", STAFF + "m9,王大明,manager,12,\n")
    await broker.drop_text("relations.csv", RELATIONS)
    before = await sealed(site.database)
    assert len(before) == 11
    await reseal(site, batches=2)
    between = await sealed(site.database)
    assert {value.partition(".")[0] for value in between} == {"k1", "k2"}
    await reseal(site)
    after = await sealed(site.database)
    assert {value.partition(".")[0] for value in after} == {"k2"}
    assert sum(step.changed for step in await reseal(site)) == 0
    assert await sealed(site.database) == after
    newest = FieldCipher({"k2": NEW_KEY})
    assert newest.open(after[0], CONTEXTS["sealed_name"]) == "张小明"
    with pytest.raises(CannotOpen):
        newest.open(before[0], CONTEXTS["sealed_name"])
    site.cipher = newest
    revealed = "/v1/accounts/80000001?reveal=name"
    answer = await site.ask(revealed, site.token("m1", "manager"), **REASON)
    assert answer.json()["name"] == "张小明"


async def test_what_was_told_is_told_again_under_the_new_key_once(site: Site) -> None:
    broker = Broker(books_of(site.database))
    await broker.drop_text("relations.csv", RELATIONS)
    await reseal(site)
    await reseal(site)
    query = text(
        "SELECT body FROM records WHERE type = 'customer.changed' AND key = 'c1' ORDER BY n"
    )
    async with site.database.connect() as connection:
        told = [json.loads(body) for body in (await connection.execute(query)).scalars()]
    assert [event["data"]["sealed_name"].partition(".")[0] for event in told] == ["k1", "k2"]
    assert told[0]["data"]["relations"] == told[1]["data"]["relations"]
    again = replace(broker.intake, sealer=ROTATED)
    await again.take("relations.csv", (RELATIONS + "80000009,c9,李四,自然人,m1\n").encode())
    async with site.database.connect() as connection:
        assert len(list(await connection.execute(query))) == 2
