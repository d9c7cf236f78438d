"""点击 taken over a ledger of dicts and lists, and a gateway that remembers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from pydantic import SecretStr

from services.notify.answering import Answering
from services.notify.clicking import Cards, Clicking
from services.notify.domain.channel import HttpRequest, HttpResponse
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.mail_request import MailRequest
from services.notify.domain.outcome import Retry
from shared.clock import DrivenClock
from shared.contracts.callbacks import CardClicked, Click, clicked
from tests.kit.alerts import MOMENT, raised
from tests.kit.memory_ledger import Stage, stage

ALERT = raised().data.alert_id


@dataclass
class Gateway:
    """Says yes, and keeps what it was asked."""

    answer: HttpResponse = field(default_factory=lambda: HttpResponse(200, {"errcode": 0}))
    asked: list[bytes] = field(default_factory=list)
    refused: int = 0
    timeout: float = 1.0

    async def send(self, request: HttpRequest | MailRequest) -> HttpResponse | Retry:
        assert isinstance(request, HttpRequest)
        assert "update_template_card" in request.url
        self.asked.append(request.body)
        return self.answer

    async def get(self) -> SecretStr | Retry:
        return SecretStr("token")

    def refuse(self, token: SecretStr) -> None:
        self.refused += 1


def tapped(key: str, userid: str = "m001") -> CardClicked:
    return clicked(
        Click(intent_id=UUID(int=7), userid=userid, key=key, response_code="rc", at=MOMENT)
    )


async def told(gateway: Gateway) -> tuple[Stage, Clicking]:
    one = stage()
    await one.teller.hear(raised(), "t/0/0")

    async def whose(click: Click) -> Sequence[tuple[UUID, str]]:
        return [(ALERT, "m001")] if click.userid == "m001" else []

    wecom = WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x"))
    cards = Cards(wecom, gateway, gateway, DrivenClock(MOMENT))
    answering = Answering(one.ledger, one.teller, one.clock)
    return one, Clicking(whose, answering, cards, one.clock)


@pytest.mark.parametrize(
    ("key", "word"), [("contacted", "已联系"), ("false-alarm", "误报"), ("snoozed", "稍后")]
)
async def test_a_tap_is_one_answer_and_the_card_says_so(key: str, word: str) -> None:
    gateway = Gateway()
    one, clicking = await told(gateway)
    for _ in range(3):
        await clicking.take(tapped(key))
    assert [(a.by, a.via) for a in one.ledger.answers] == [("m001", "card")]
    assert await clicking.cards.step() is True
    assert word in gateway.asked[0].decode()
    assert b'"response_code":"rc"' in gateway.asked[0]


async def test_a_card_of_several_alerts_answers_each_and_changes_once() -> None:
    gateway = Gateway()
    one, clicking = await told(gateway)
    other = raised(episode="2026-06-02")
    await one.teller.hear(other, "t/0/1")

    async def whose(click: Click) -> Sequence[tuple[UUID, str]]:
        return [(ALERT, "m001"), (other.data.alert_id, "m001")]

    both = replace(clicking, whose=whose)
    await both.take(tapped("contacted"))
    assert [a.alert_id for a in one.ledger.answers] == [ALERT, other.data.alert_id]
    assert await both.cards.step() is True
    assert await both.cards.step() is False
    assert len(gateway.asked) == 1


@pytest.mark.parametrize(
    "event", [tapped("contacted", userid="m002"), tapped("handed-over"), tapped("shouted")]
)
async def test_a_strangers_tap_or_one_that_needs_the_page_is_no_answer(event: CardClicked) -> None:
    gateway = Gateway()
    one, clicking = await told(gateway)
    await clicking.take(event)
    assert one.ledger.answers == []
    assert await clicking.cards.step() is False


async def test_a_card_that_cannot_be_changed_stays_and_the_answer_holds() -> None:
    gateway = Gateway(HttpResponse(200, {"errcode": 42001}))
    one, clicking = await told(gateway)
    await clicking.take(tapped("contacted"))
    await clicking.cards.step()
    assert (len(gateway.asked), gateway.refused, len(one.ledger.answers)) == (1, 1, 1)
    assert await clicking.cards.step() is False
