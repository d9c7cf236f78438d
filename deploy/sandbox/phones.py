"""The people's side of the page: who was written to, and what is on their phones."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from itertools import zip_longest

from deploy.sandbox.bubbles import bubble
from deploy.sandbox.entries import Entry
from deploy.sandbox.journal import Journal, Person
from deploy.sandbox.markup import Html, address, el, group, icon
from shared.kernel.masking import Email, Phone

LISTED, PHONES = 200, 6
FEW, MANY = 20, 50
CHANNELS = {
    "wecom": "企业微信",
    "wecom-change": "企业微信变更",
    "sms": "短信",
    "tencent": "短信（腾讯云）",
    "voice": "电话",
    "wecom-robot": "企业微信群",
    "dingtalk": "钉钉群",
    "feishu": "飞书群",
    "push": "App",
    "mail": "邮件",
}
NUMBERS = ("sms", "tencent", "voice")
COLOURS = 6


def name_of(channel: str, to: str) -> str:
    """Return an address as it may be shown: a phone number masked.

    >>> name_of("sms", "13812345678"), name_of("wecom", "m001"), name_of("sms", "")
    ('138****5678', 'm001', '—')
    """
    if channel == "mail" and to:
        return str(Email(to))
    return (str(Phone(to)) if channel in NUMBERS else to) or "—"


def recent(journal: Journal) -> list[Person]:
    """Return who was written to, the latest first; no more than are listed."""
    return nlargest(LISTED, journal.people.values(), key=lambda person: person.delivered[-1])


def aside(journal: Journal, people: Sequence[Person], chosen: str) -> Html:
    """Return the list of people."""
    everybody = el(
        "a",
        el("span", icon("wave"), class_="avatar all"),
        el("span", el("b", "全部"), el("small", f"{len(journal.people)} 人"), class_="who"),
        href=address(),
        class_="person" if chosen else "person on",
    )
    rows = [_listed(journal, person, chosen) for person in people]
    hidden = len(journal.people) - len(people)
    note = el("p", f"另有 {hidden} 人较早收到消息，未列出", class_="more") if hidden else None
    search = el(
        "input", id="find", type="search", placeholder="按账号、号码筛选", autocomplete="off"
    )
    return el("aside", search, everybody, *rows, note, class_="people", data_scroll="people")


@dataclass(frozen=True)
class Phones:
    """Draws phones: from the journal, with the same time on all their screens."""

    journal: Journal
    time: str
    now_shown: Callable[[Entry], str]

    def one(self, chosen: str, before: int | None) -> Html:
        """Return the chosen person's phone, with messages older than ``before``."""
        person = self.journal.people.get(chosen)
        drawn = self._phone(person, before, MANY) if person else _empty("没有这个人")
        return el("main", drawn, class_="phones one")

    def some(self, people: Sequence[Person]) -> Html:
        """Return the phones of the first few people of each channel."""
        if not people:
            return el("main", _empty("还没有消息"), class_="phones one")
        shown = _mixed(people)[:PHONES]
        note = f"这里只画出 {len(shown)} 部手机，其余的人请在列表里点选"
        rest = len(self.journal.people) > len(shown)
        more = el("p", note, class_="more wide") if rest else None
        return el("main", *(self._phone(one, None, FEW) for one in shown), more, class_="phones")

    def _phone(self, person: Person, before: int | None, limit: int) -> Html:
        end = len(person.delivered) if before is None else bisect_left(person.delivered, before)
        numbers = person.delivered[max(0, end - limit) : end]
        older = None
        if end > limit:
            where = address(person=person.id, before=numbers[0])
            older = el("a", f"更早的 {end - limit} 条", href=where, class_="older")
        entries = map(self.journal.entry, reversed(numbers))
        screen = el(
            "div",
            _status(self.time),
            _bar(person),
            el(
                "div",
                *(bubble(one, self.now_shown(one)) for one in entries),
                older,
                class_="chat",
                data_scroll=person.id,
            ),
            el("div", class_="home"),
            class_="screen",
        )
        return el("section", screen, class_=f"phone {person.channel}", data_person=person.id)


def _mixed(people: Sequence[Person]) -> list[Person]:
    """Return the people, taking turns between channels, so that both kinds of phone are seen."""
    by_channel = ([p for p in people if p.channel == channel] for channel in CHANNELS)
    return [person for turn in zip_longest(*by_channel) for person in turn if person]


def _listed(journal: Journal, person: Person, chosen: str) -> Html:
    latest = journal.entry(person.delivered[-1])
    at = datetime.fromisoformat(latest.at)
    return el(
        "a",
        _avatar(person),
        el(
            "span",
            el("b", name_of(person.channel, person.to)),
            el("small", f"{CHANNELS[person.channel]} · {latest.title}"),
            class_="who",
        ),
        el("span", el("time", f"{at:%H:%M}"), el("i", str(len(person.delivered))), class_="tally"),
        href=address(person=person.id),
        class_="person on" if person.id == chosen else "person",
    )


def _avatar(person: Person) -> Html:
    if person.channel == "sms":
        return el("span", icon("sms"), class_="avatar sms")
    colour = sum(person.to.encode()) % COLOURS
    return el("span", person.to[:1].upper(), class_=f"avatar c{colour}")


def _status(time: str) -> Html:
    signs = el("span", icon("signal"), icon("wifi"), icon("battery"), class_="signs")
    return el("div", el("time", time), el("i", class_="island"), signs, class_="status")


def _bar(person: Person) -> Html:
    name = name_of(person.channel, person.to)
    if person.channel == "sms":
        face = el("span", icon("sms"), class_="avatar sms")
        return el("div", icon("back"), face, el("b", "1069 观潮"), el("small", name), class_="bar")
    title = el("b", "观潮", el("em", "应用"))
    return el("div", icon("back"), title, el("small", name), icon("menu"), class_="bar")


def _empty(title: str) -> Html:
    lines: Iterable[str] = (
        "企业微信：GET /cgi-bin/gettoken，POST /cgi-bin/message/send",
        "阿里云短信：POST /（SendSms，ACS3-HMAC-SHA256 签名）",
    )
    said = group(*(el("code", line) for line in lines))
    return el(
        "div",
        icon("wave"),
        el("h2", title),
        el("p", "消息一到就会显示在这里"),
        said,
        class_="empty",
    )
