"""The simulated front and its binding: callbacks on a thread, numbers, days, disconnections."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from deploy.synthetic.ctp.binding import Trade
from deploy.synthetic.ctp.feed import CounterFeed
from deploy.synthetic.ctp.front import Front
from deploy.synthetic.ctp.journal import Journal
from deploy.synthetic.ctp.translate import translated
from deploy.synthetic.patience import GivenUp, Patience
from tests.kit.fake_chain import ALL_STILL, KEY, FakeChain
from tests.kit.ingest import posted, reversed_, ticked, withdrew

DAY, PASSWORD = "20260601", "s3cret"


class Listener:
    """A client of the front that logs in and subscribes by itself."""

    def __init__(self, port: int, password: str = PASSWORD, after: int = 0) -> None:
        self.said: list[tuple[str, Any]] = []
        self.changed = threading.Condition()
        api: Any = Trade()
        self.api = api
        self.api.OnFrontConnected = lambda: self._ask(password)
        self.api.OnFrontDisconnected = lambda reason: self._heard("disconnected", reason)
        self.api.OnRspRiskUserLogin = self._logged_in
        for name in ("OnRtnSeqDeposit", "OnRtnRiskSyncAccount", "OnRtnSeqRiskNotifyB"):
            setattr(self.api, name, lambda record, name=name: self._heard(name, record))
        self.after = after
        self.api.RegisterFront(f"tcp://127.0.0.1:{port}")
        self.api.Init()

    def _ask(self, password: str) -> None:
        self._heard("connected", None)
        self.api.ReqRiskUserLogin(BrokerID="9999", UserID="risk", Password=password)

    def _logged_in(self, answer: Any, info: Any, *_: Any) -> None:
        self._heard("login", (info.ErrorID, answer.TradingDay))
        self.api.ReqSubSeqDeposit(SequenceNo=self.after)
        self.api.ReqSubPreRiskAccount(SequenceNo=0)

    def _heard(self, name: str, what: Any) -> None:
        with self.changed:
            self.said.append((name, what))
            self.changed.notify_all()

    def named(self, name: str) -> list[Any]:
        return [what for said, what in self.said if said == name]

    def until(self, reached: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(reached, 30), self.said

    def numbers(self, count: int) -> list[int]:
        """Return the numbers of the deposits, as soon as there are so many."""
        self.until(lambda: len(self.named("OnRtnSeqDeposit")) >= count)
        return [record.UniqSequenceNo for record in self.named("OnRtnSeqDeposit")]


@pytest.fixture
def front() -> Iterator[Front]:
    made = Front(0, PASSWORD, Journal())
    made.open(DAY)
    made.start()
    yield made
    made.stop()


def tell(front: Front, number: int, day: str = DAY) -> None:
    event = withdrew(f"{number}", f"s-{number}", trading_day=f"{day[:4]}-{day[4:6]}-{day[6:]}")
    struct = translated(event)
    assert struct is not None
    front.publish(
        event["id"] + day, struct.call, struct.day, at=event["time"], fields=struct.fields
    )


def test_records_are_numbered_and_told_to_whoever_comes_later_too(front: Front) -> None:
    early = Listener(front.port)
    early.until(lambda: early.named("login") == [(0, DAY.encode() + b"\0")])
    tell(front, 1)
    tell(front, 2)
    assert early.numbers(2) == [1, 2]
    late = Listener(front.port, after=1)
    assert late.numbers(1) == [2]
    tell(front, 2)
    assert early.numbers(3) == [1, 2, 2]  # the same again is the same record
    record = early.named("OnRtnSeqDeposit")[0]
    assert (record.InvestorID, record.Direction, record.Amount) == (b"80000001\0", b"2\0", 1.0)
    assert early.api.now().isoformat() == "2026-06-01T10:00:00+08:00"
    early.api.Release()
    late.api.Release()


def test_a_wrong_password_is_told_and_nothing_else(front: Front) -> None:
    other = Listener(front.port, password="guess")
    other.until(lambda: [error for error, _ in other.named("login")] == [3])
    tell(front, 1)
    known = Listener(front.port)
    assert known.numbers(1) == [1]
    assert other.named("OnRtnSeqDeposit") == []
    other.api.Release()
    known.api.Release()


def test_a_new_day_logs_everybody_out_and_counts_anew(front: Front) -> None:
    listener = Listener(front.port)
    tell(front, 1)
    assert listener.numbers(1) == [1]
    tell(front, 1, "20260602")
    assert listener.numbers(2) == [1, 1]
    assert [day for _, day in listener.named("login")] == [b"20260601\0", b"20260602\0"]
    assert len(listener.named("disconnected")) == 1
    listener.api.Release()


def test_a_lost_connection_is_made_again(front: Front) -> None:
    listener = Listener(front.port)
    listener.until(lambda: len(listener.named("login")) == 1)
    front.drop_clients()
    listener.until(lambda: len(listener.named("login")) == 2)
    listener.api.Release()


def test_what_was_told_survives_a_restart_of_the_front(tmp_path: Path) -> None:
    for _ in range(2):
        journal = Journal(tmp_path)
        told = journal.add("a", "OnRtnSeqDeposit", DAY, "t", {"InvestorID": "1"})
        assert told.number == 1
    (tmp_path / f"{DAY}.jsonl").open("a").write('{"identity": "cut o')
    journal = Journal(tmp_path)
    assert journal.day == DAY
    assert journal.add("b", "OnRtnSeqDeposit", DAY, "t", {"InvestorID": "1"}).number == 2


def test_a_reversal_has_the_serial_of_what_it_takes_back() -> None:
    event, back = translated(withdrew("5", "s-1")), translated(reversed_("5", "s-1"))
    other = translated(withdrew("5", "s-2"))
    assert event is not None
    assert back is None  # without a direction nobody knows what it takes back
    back = translated(reversed_("5", "s-1", direction="withdrawal"))
    assert back is not None
    assert other is not None
    assert back.fields["SequenceNo"] == event.fields["SequenceNo"] != other.fields["SequenceNo"]
    assert (back.fields["Flag"], back.fields["Direction"]) == ("2", "2")


@pytest.mark.parametrize(
    "event",
    [
        ticked(),
        withdrew(9000000.5),
        withdrew("NaN"),
        {key: value for key, value in withdrew("1").items() if key != "id"},
        posted("account.settled", equity="1", available="1"),
    ],
    ids=["tick", "float", "nan", "no-id", "statement"],
)
def test_what_no_counter_tells_is_pushed(event: dict[str, Any]) -> None:
    assert translated(event) is None


def test_the_feed_waits_until_ingest_has_taken_it_and_pushes_the_rest(front: Front) -> None:
    told = ALL_STILL + 'ingest_ctp_sequence{day="2026-06-01",stream="notice"} 1.0\n'
    chain = FakeChain()
    chain.metrics.clear()
    chain.metrics.extend([ALL_STILL, ALL_STILL, told])
    feed = CounterFeed("http://ingest", SecretStr(KEY), chain.client(), Patience(9), front=front)
    assert feed.post([withdrew("1", "s-1"), ticked(), withdrew("1", "s-1")]) == []
    assert [event["type"] for event in chain.posted] == ["clock.ticked"]
    assert (feed.accepted, feed.duplicates) == (2, 1)
    assert len(chain.metrics) == 1


def test_an_ingest_that_takes_nothing_is_given_up(front: Front) -> None:
    chain = FakeChain()
    feed = CounterFeed("http://ingest", SecretStr(KEY), chain.client(), Patience(0), front=front)
    with pytest.raises(GivenUp, match="notice 1 of 20260601"):
        feed.post([withdrew("1", "s-1")])
