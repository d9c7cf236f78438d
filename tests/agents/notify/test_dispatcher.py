"""The dispatcher over fakes: which outcome comes out of what the gateway does."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

from pydantic import SecretStr

from services.notify.adapters.dispatcher import Dispatcher
from services.notify.adapters.token import Token
from services.notify.domain.channel import HttpRequest, HttpResponse
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.ledger import Claimed
from services.notify.domain.mail_request import MailRequest
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent
from shared.clock import DrivenClock
from shared.contracts.alerts import Urgency
from tests.kit.alerts import MOMENT

WECOM = WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x"))
OK = HttpResponse(200, {"errcode": 0, "msgid": "m1"})
EXPIRED = HttpResponse(200, {"errcode": 42001})


def claimed(number: int) -> Claimed:
    return Claimed(
        intent_id=UUID(int=number),
        alert_id=UUID(int=number),
        revision=1,
        step=1,
        broker="demo",
        account="80012345",
        channel="wecom_app",
        receiver="m001",
        urgency=Urgency.HIGH,
        body='{"touser":"m001"}',
        attempts=1,
        unsure=0,
        first_at=MOMENT,
        lease=uuid4(),
    )


@dataclass
class Gateway:
    """Answers in turn, the last answer for ever; remembers what it was asked."""

    answers: list[HttpResponse | Retry | Rejected]
    timeout: float = 1.0
    asked: list[HttpRequest] = field(default_factory=list)
    tokens: int = 0
    stale: frozenset[str] = frozenset()

    async def send(self, request: HttpRequest | MailRequest) -> HttpResponse | Retry | Rejected:
        assert isinstance(request, HttpRequest)
        if "gettoken" in request.url:
            self.tokens += 1
            answer = {"errcode": 0, "access_token": f"t{self.tokens}", "expires_in": 7200}
            return HttpResponse(200, answer)
        self.asked.append(request)
        await asyncio.sleep(0)
        if request.url.rpartition("=")[2] in self.stale:
            return EXPIRED
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class Waiting:
    """A queue of what is given."""

    ready: list[Claimed]
    gone: list[Claimed] = field(default_factory=list)

    async def claim(self, limit: int, room: Mapping[str, int]) -> Sequence[Claimed]:
        taken = self.ready[: min(limit, max(0, room["wecom_app"]))]
        self.ready = self.ready[len(taken) :]
        return taken

    async def lost(self, limit: int) -> Sequence[Claimed]:
        taken, self.gone = self.gone, []
        return taken


@dataclass
class Run:
    dispatcher: Dispatcher
    outcomes: list[Outcome]
    given_back: list[UUID]


def run(gateway: Gateway, queue: Waiting, lease: float = 10.0, slots: int = 8) -> Run:
    outcomes: list[Outcome] = []
    given_back: list[UUID] = []

    async def conclude(made: tuple[Claimed, Outcome]) -> None:
        outcomes.append(made[1])

    async def give_back(one: Claimed) -> None:
        given_back.append(one.intent_id)

    dispatcher = Dispatcher(
        queue=queue,
        channels={"wecom_app": WECOM},
        tokens={"wecom_app": Token(WECOM, gateway.send)},
        sender=gateway,
        conclude=conclude,
        give_back=give_back,
        clock=DrivenClock(MOMENT),
        wall=DrivenClock(MOMENT),
        lease=lease,
        slots=slots,
    )
    return Run(dispatcher, outcomes, given_back)


async def dispatched(one: Run) -> list[Outcome]:
    async with asyncio.TaskGroup() as group:
        await one.dispatcher.dispatch(group)
    return one.outcomes


async def test_what_the_queue_gives_is_sent_as_it_was_written() -> None:
    gateway = Gateway([OK])
    assert await dispatched(run(gateway, Waiting([claimed(1)]))) == [Sent("m1")]
    assert [request.body for request in gateway.asked] == [b'{"touser":"m001"}']


async def test_what_may_have_arrived_is_not_repeated_once_the_gateway_forgets_it() -> None:
    """However long it waited for its next attempt: a standstill, a freeze, a budget."""
    gateway, long_ago = Gateway([OK]), MOMENT - WECOM.resend.window
    one = run(gateway, Waiting([replace(claimed(1), unsure=1, first_at=long_ago)]))
    assert await dispatched(one) == [Retry("window-over", made=False)]
    assert gateway.asked == []
    sure = run(gateway, Waiting([replace(claimed(1), first_at=long_ago)]))
    assert await dispatched(sure) == [Sent("m1")]


async def test_a_refused_token_is_replaced_once_and_the_send_repeated_at_once() -> None:
    gateway = Gateway([EXPIRED, OK])
    assert await dispatched(run(gateway, Waiting([claimed(1)]))) == [Sent("m1")]
    assert gateway.tokens == 2
    assert [request.url.rpartition("=")[2] for request in gateway.asked] == ["t1", "t2"]
    assert len({request.body for request in gateway.asked}) == 1


async def test_a_token_that_is_refused_again_is_left_for_later() -> None:
    gateway = Gateway([EXPIRED])
    (outcome,) = await dispatched(run(gateway, Waiting([claimed(1)])))
    assert type(outcome).__name__ == "TokenRefused"
    assert len(gateway.asked) == 2


async def test_many_who_need_a_token_fetch_one() -> None:
    gateway = Gateway([OK])
    await dispatched(run(gateway, Waiting([claimed(n) for n in range(4)])))
    assert gateway.tokens == 1


async def test_many_whose_token_is_refused_fetch_one_more() -> None:
    gateway = Gateway([OK], stale=frozenset({"t1"}))
    outcomes = await dispatched(run(gateway, Waiting([claimed(n) for n in range(4)])))
    assert outcomes == [Sent("m1")] * 4
    assert gateway.tokens == 2


async def test_nothing_is_sent_that_could_outlive_its_lease() -> None:
    gateway = Gateway([OK], timeout=5.0)
    outcomes = await dispatched(run(gateway, Waiting([claimed(1)]), lease=4.0))
    assert outcomes == [Retry("no-time-left", made=False)]
    assert not gateway.asked


async def test_only_what_was_certainly_not_sent_is_given_back_to_its_budget() -> None:
    for answer, back in (
        (Retry("ConnectError", made=False), [UUID(int=1)]),
        (Retry("ReadTimeout", unsure=True), []),
        (HttpResponse(503), []),
        (OK, []),
    ):
        one = run(Gateway([answer]), Waiting([claimed(1)]))
        await dispatched(one)
        assert one.given_back == back


async def test_no_more_is_claimed_than_there_are_slots() -> None:
    queue = Waiting([claimed(n) for n in range(10)])
    await dispatched(run(Gateway([OK]), queue, slots=1))
    assert len(queue.ready) == 9


async def test_a_channel_leaves_a_quarter_of_the_slots_to_the_others() -> None:
    queue = Waiting([claimed(n) for n in range(20)])
    await dispatched(run(Gateway([OK]), queue, slots=8))
    assert len(queue.ready) == 14


async def test_a_silent_gateway_is_asked_one_thing_at_a_time_until_it_answers() -> None:
    queue = Waiting([claimed(n) for n in range(20)])
    gateway = Gateway([*[Retry("ReadTimeout", unsure=True)] * 6, HttpResponse(503), OK])
    one = run(gateway, queue, slots=8)
    left = [len(queue.ready) for _ in range(4) if await dispatched(one) or True]
    assert left == [14, 13, 12, 6], "a 503 is no answer either"


async def test_a_refusal_is_an_answer() -> None:
    queue = Waiting([claimed(n) for n in range(20)])
    one = run(Gateway([HttpResponse(200, {"errcode": 81013})]), queue, slots=8)
    left = [len(queue.ready) for _ in range(2) if await dispatched(one)]
    assert left == [14, 8]


async def test_a_lost_attempt_may_have_been_made() -> None:
    one = run(Gateway([OK]), Waiting([], gone=[claimed(1)]))
    assert await one.dispatcher.recover()
    assert one.outcomes == [Retry("lease-expired", unsure=True)]
    assert not await one.dispatcher.recover()


async def test_what_the_transport_says_is_the_outcome() -> None:
    silence = Retry("ReadTimeout", unsure=True)
    assert await dispatched(run(Gateway([silence]), Waiting([claimed(1)]))) == [silence]


class Monotonic:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_token_is_fetched_anew_before_it_ends() -> None:
    gateway, clock = Gateway([OK]), Monotonic()
    token = Token(WECOM, gateway.send, clock)
    assert await token.get() == SecretStr("t1")
    clock.now = timedelta(minutes=114).total_seconds()
    assert await token.get() == SecretStr("t1")
    clock.now = timedelta(minutes=115).total_seconds()
    assert await token.get() == SecretStr("t2")


async def test_a_token_that_cannot_be_had_means_that_nothing_was_sent() -> None:
    async def down(request: HttpRequest) -> Retry:
        return Retry("ReadTimeout", unsure=True)

    assert await Token(WECOM, down).get() == Retry("token-ReadTimeout", made=False)

    async def wrong(request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, {"errcode": 40001})

    assert await Token(WECOM, wrong).get() == Retry("token-errcode-40001", made=False)


async def test_an_old_refusal_does_not_forget_the_new_token() -> None:
    gateway = Gateway([OK])
    token = Token(WECOM, gateway.send)
    first = await token.get()
    assert isinstance(first, SecretStr)
    token.refuse(first)
    assert await token.get() == SecretStr("t2")
    token.refuse(first)
    assert await token.get() == SecretStr("t2")


async def test_a_channel_whose_settings_are_gone_is_rejected_and_nobody_asked() -> None:
    gateway = Gateway([OK])
    one = replace(claimed(1), channel="app_push")
    assert await dispatched(run(gateway, Waiting([one]))) == [Rejected("not-configured")]
    assert gateway.asked == []


async def test_time_may_leap_only_while_nothing_is_on_its_way() -> None:
    gateway = Gateway([OK])
    one = run(gateway, Waiting([claimed(1), claimed(2)]), slots=1)
    async with asyncio.TaskGroup() as group:
        await one.dispatcher.dispatch(group)
        async with one.dispatcher.nothing_on_its_way():
            assert one.outcomes == [Sent("m1")]
            after = group.create_task(one.dispatcher.dispatch(group))
            await asyncio.sleep(0.1)
            assert len(gateway.asked) == 1
        await after
    assert len(one.outcomes) == 2
