"""notify's console over dicts and lists: an office's people, an alert of each, credentials.

The people are those of ``tests.kit.office``. Each alert is of one account and was told to its
manager; ``told`` adds who else has heard.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter, FastAPI

from services.notify.answering import Given
from services.notify.application import application
from services.notify.desk import Console, Desk
from services.notify.domain.answer import (
    NOT_A_LATER,
    OVER,
    Answered,
    answer_id,
    settled,
    unfit,
)
from services.notify.domain.inbox import Entry, Wanted
from services.notify.domain.story import Delivery, Heard, Reported, Ruling, Story, Try
from services.notify.live import Live
from shared.clock import DrivenClock
from shared.kernel.audit import Link, Sought
from shared.kernel.trading_day import CHINA, china
from shared.settings import TokenRules
from shared.web.api_keys import ApiKey, KeyRing, issue
from shared.web.directory import person
from shared.web.gate import Authority
from shared.web.organisation import Organisation, OrgTree, RowScope
from shared.web.permissions import Permission
from shared.web.tokens import Tokens
from tests.kit.alerts import raised
from tests.kit.issuer import AUDIENCE, ISSUER, NOW, Issuer
from tests.kit.office import ACCOUNTS, PEOPLE, FakeTrail, staff

CLIENT = "张**"


def alert_of(account: str) -> UUID:
    """Return the alert of one of the office's accounts."""
    return raised(account=account).data.alert_id


@dataclass
class FakeConsole:
    """See ``services.notify.desk.Console``. ``told``: (staff id, account), the oldest first."""

    trail: FakeTrail = field(default_factory=FakeTrail)
    told: list[tuple[str, str]] = field(
        default_factory=lambda: [(who, account) for account, (who, _) in ACCOUNTS.items() if who]
    )
    answers: dict[UUID, list[Answered]] = field(default_factory=dict)
    moved: list[tuple[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Console]:
        yield self

    async def inbox(
        self, mine: Collection[str], wanted: Wanted, before: int, limit: int
    ) -> Sequence[Entry]:
        found = [self._entry(account, n) for n, account in self._of(self.told, mine)]
        return self._page(found, wanted, (before, limit))

    async def changed(self, mine: Collection[str], after: int, limit: int) -> Sequence[Entry]:
        found = [(n, account) for n, account in self._of(self.moved, mine) if n > after]
        return [replace(self._entry(account, n), changed=n) for n, account in found[:limit]]

    async def search(
        self, scope: RowScope, mine: Collection[str], wanted: Wanted, page: tuple[int, int]
    ) -> Sequence[Entry]:
        found = [self._entry(account, n) for n, account in enumerate(ACCOUNTS, 1)]
        told = {account for _, account in self._of(self.told, mine)}
        seen = [e for e in found if scope.reaches(e) or e.event.data.account in told]
        return self._page(seen, wanted, page)

    async def entry(self, alert_id: UUID) -> Entry | None:
        known = {alert_of(account): account for account in ACCOUNTS}
        return self._entry(known[alert_id], 0) if alert_id in known else None

    async def hearers(self, alert_id: UUID) -> frozenset[str]:
        return frozenset(who for who, account in self.told if alert_of(account) == alert_id)

    async def history(self, alert_id: UUID) -> Story:
        entry = await self.entry(alert_id)
        assert entry is not None
        data, at = entry.event.data, NOW
        sent = Try(1, at, at + timedelta(seconds=1), "sent", "ok")
        by = (UUID(int=1), 1, 1, "wecom_app", "m1", "sent", "ok", at, "msg-1", None, [sent])
        return Story(
            alert_id,
            data.broker,
            data.account,
            [Heard(entry.event, "told", at)],
            [Ruling(1, "send", "manager", at, "wecom_app", "m1", 1, None, None)],
            [Delivery(*by, sealed_body="sealed")],
            [Reported(1, "aliyun_sms", "m1", True, "ok", at)],
            self.answers.get(alert_id, []),
        )

    async def place(self) -> int:
        return len(self.moved)

    async def role_of(self, staff_id: str) -> str | None:
        return PEOPLE[staff_id][0] if staff_id in PEOPLE else None

    async def audit(self, sought: Sought) -> Sequence[Link]:
        return list(reversed(self.trail.links))[: sought.limit]

    def _of(self, rows: list[tuple[str, str]], mine: Collection[str]) -> list[tuple[int, str]]:
        return [(n, account) for n, (who, account) in enumerate(rows, 1) if who in mine]

    def _page(self, found: list[Entry], wanted: Wanted, page: tuple[int, int]) -> Sequence[Entry]:
        asked = {n: v for n, v in vars(wanted).items() if v is not None}
        kept = [e for e in found if e.number < page[0] and self._fits(e, asked)]
        return sorted(kept, key=lambda e: e.number, reverse=True)[: page[1]]

    def _fits(self, entry: Entry, asked: dict[str, Any]) -> bool:
        data = entry.event.data
        heard = {who for who, account in self.told if account == data.account}
        ways: dict[str, Callable[[Any], bool]] = {
            "open": lambda v: entry.open == v,
            "urgency": lambda v: data.urgency == v,
            "rule": lambda v: data.rule == v,
            "day_from": lambda v: data.trading_day >= v,
            "day_to": lambda v: data.trading_day <= v,
            "account": lambda v: data.account == v,
            "staff": lambda v: v in heard,
            "outcome": lambda v: entry.outcome == v,
        }
        return all(ways[name](value) for name, value in asked.items())

    def _entry(self, account: str, number: int) -> Entry:
        manager, branch = ACCOUNTS[account]
        said = self.answers.get(alert_of(account), [])
        last = said[-1] if said else None
        return Entry(
            number=number,
            changed=0,
            event=raised(account=account),
            outcome="told",
            open=not (last and isinstance(last.answer, OVER)),
            client=CLIENT,
            manager_id=manager,
            branch_id=branch,
            next_step=None,
            last=last,
            heard=NOW,
        )


@dataclass
class Counter:
    """notify's API over fakes, and credentials for it."""

    console: FakeConsole = field(default_factory=FakeConsole)
    issuer: Issuer = field(default_factory=Issuer)
    clock: DrivenClock = field(default_factory=lambda: DrivenClock(NOW))
    keys: list[ApiKey] = field(default_factory=list)
    taken: list[Given] = field(default_factory=list)
    pages: tuple[APIRouter, ...] = ()

    def __post_init__(self) -> None:
        rules = TokenRules(issuer=ISSUER, audience=AUDIENCE)
        known = (KeyRing(self._keys, self.clock), Tokens(rules, self.issuer.jwks, self.clock))
        self.live = Live(self.console.place)
        authority = Authority(known, self._tree)
        desk = Desk(authority, self.console.open, self._take, self.live, self.clock, china())
        self.app: FastAPI = application(self.pages, desk)

    async def _keys(self) -> list[ApiKey]:
        return self.keys

    async def _tree(self) -> OrgTree:
        today = NOW.astimezone(CHINA).date()
        return Organisation(person(one, today) for one in staff())

    async def _take(self, given: Given) -> str:
        """Take an answer as ``Answering`` does, without telling anybody."""
        self.taken.append(given)
        which = answer_id(given.alert_id, given.by, given.once)
        said = self.console.answers.setdefault(given.alert_id, [])
        now = self.clock.now()
        answer = settled(given.answer, now, china())
        if answer is None:
            return NOT_A_LATER
        if why := unfit(answer, given.by, now, china()):
            return why
        if which in {one.answer_id for one in said}:
            return "repeated"
        said.append(Answered(which, given.alert_id, 1, given.by, answer, given.via, now))
        return "taken"

    def key(self, name: str, *scopes: Permission) -> str:
        """Return a new key of a system."""
        text, kept = issue(name, frozenset(scopes), NOW, None)
        self.keys.append(kept)
        return text

    def token(self, staff_id: str, *roles: str) -> str:
        """Return a person's token; without roles the one of the staff file."""
        told = list(roles) or [PEOPLE[staff_id][0]]
        return self.issuer.token(staff_id=staff_id, roles=told)

    async def get(self, path: str, credential: str) -> httpx.Response:
        return await self.ask("GET", path, credential)

    async def ask(
        self, method: str, path: str, credential: str, json: Any = None, **headers: str
    ) -> httpx.Response:
        told = {"Authorization": f"Bearer {credential}"} if credential else {}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://notify") as client:
            return await client.request(method, path, headers=told | headers, json=json)

    async def answer(
        self, account: str, credential: str, said: dict[str, Any], **headers: str
    ) -> httpx.Response:
        path = f"/v1/alerts/{alert_of(account)}/answers"
        return await self.ask("POST", path, credential, said, **headers)


CONTACTED = {"kind": "contacted"}
