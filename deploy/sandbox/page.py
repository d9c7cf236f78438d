"""The page: what arrived on whose phone, and the operator's table of everything that happened."""

import secrets
from functools import cache
from importlib.resources import files
from string import Template
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from deploy.sandbox import board, phones
from deploy.sandbox.entries import Outcome
from deploy.sandbox.markup import Html, address, el, group, icon
from deploy.sandbox.sandbox import Sandbox
from shared.kernel.trading_day import CHINA

WEEKDAYS = "一二三四五六日"


class Wanted(BaseModel):
    """What the address asks for: the page, or (``fragment``) only the part that changes."""

    model_config = ConfigDict(frozen=True)
    view: Literal["phones", "operator"] = "phones"
    person: str = Field(default="", max_length=20)
    outcome: Outcome | None = None
    before: int | None = Field(default=None, ge=0, le=1 << 62)
    fragment: bool = False


def answer(sandbox: Sandbox, wanted: Wanted, known: str) -> Response:
    """Return what is wanted; 304 when its tag is the one the browser has."""
    tag = f'"{sandbox.journal.last}-{sandbox.clock.now():%d%H%M}-{len(sandbox.faults.remaining())}"'
    if wanted.fragment and known == tag:
        return Response(status_code=304, headers={"etag": tag})
    living, nonce = live(sandbox, wanted), secrets.token_urlsafe(16)
    shown = living if wanted.fragment else _skeleton().substitute(nonce=nonce, live=living)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    headers = {
        "etag": tag,
        "cache-control": "no-cache",
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(shown, headers=headers)


def live(sandbox: Sandbox, wanted: Wanted) -> Html:
    """Return the part of the page that changes."""
    journal = sandbox.journal
    if wanted.view == "operator":
        body = board.main(journal, sandbox.faults, wanted.outcome, wanted.before)
        return group(_top(sandbox, wanted), el("div", body, class_="body"))
    people = phones.recent(journal)
    listed = phones.aside(journal, people, wanted.person)
    time = f"{sandbox.clock.now().astimezone(CHINA):%H:%M}"
    drawn = phones.Phones(journal, time, sandbox.wecom.changes.now_shown)
    body = drawn.one(wanted.person, wanted.before) if wanted.person else drawn.some(people)
    return group(_top(sandbox, wanted), el("div", listed, body, class_="body"))


def _top(sandbox: Sandbox, wanted: Wanted) -> Html:
    now = sandbox.clock.now().astimezone(CHINA)
    clock = f"{now:%Y-%m-%d} 周{WEEKDAYS[now.weekday()]} {now:%H:%M}"
    brand = el("a", icon("wave"), el("b", "观潮"), el("span", "消息沙箱"), href="/", class_="brand")
    tabs = [
        el("a", name, href=address(view=view), class_="on" if wanted.view == view else None)
        for view, name in (("phones", "手机"), ("operator", "操作台"))
    ]
    counts = sandbox.journal.counts()
    chips = [
        el(
            "a",
            el("i", class_=f"dot {outcome}"),
            name,
            el("b", str(counts[outcome])),
            href=address(view="operator", outcome=outcome),
        )
        for outcome, (name, _) in board.OUTCOMES.items()
    ]
    facts = el("div", el("time", icon("clock"), clock), *chips, class_="facts")
    return el("header", brand, el("nav", *tabs, class_="tabs"), facts, class_="top")


@cache
def _skeleton() -> Template:
    return Template(files("deploy.sandbox").joinpath("page.html").read_text(encoding="utf-8"))
