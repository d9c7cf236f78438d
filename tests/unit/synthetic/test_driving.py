"""Driving a chain: what is posted, when it is asked again, and when one waits."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from rich.console import Console

from deploy.synthetic import demo
from deploy.synthetic import stillness as stillness_module
from deploy.synthetic.cfmmc_trading import WRITERS
from deploy.synthetic.demo import Chain
from deploy.synthetic.director import Director
from deploy.synthetic.feed import Feed, TurnedAway
from deploy.synthetic.gateway import Gateway
from deploy.synthetic.patience import GivenUp, Patience
from deploy.synthetic.play import Play
from deploy.synthetic.stage import Stage
from deploy.synthetic.stillness import BEHIND, UNTOLD, Restless, Stillness
from deploy.synthetic.timeline import Minute
from shared.clock import WallClock
from shared.kernel.trading_day import TradingDay, china
from tests.kit.fake_chain import ALL_STILL, KEY, FakeChain

DAY = TradingDay(date(2026, 6, 1))
EVENT = {"id": "1", "source": "s", "type": "funds.deposited", "data": {"trading_day": "2026-06-01"}}
BUSY = ALL_STILL.replace("mot_lag_records 0.0", "mot_lag_records 3.0")


class Impatient(threading.Event):
    """Notes how long it was told to wait, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return False


def feed(chain: FakeChain, patience_s: float = 60, key: str = KEY) -> Feed:
    client = chain.client()
    return Feed("http://ingest", SecretStr(key), client, Patience(patience_s, Impatient()))


def waited(asking: Feed) -> list[float]:
    pause = asking.patience.pause
    assert isinstance(pause, Impatient)
    return pause.waited


def director(chain: FakeChain, folder: Path, *, strict: bool = True) -> Director:
    return Director(
        feed=feed(chain),
        gateway=Gateway("http://sandbox", chain.client(), Patience(60, Impatient())),
        folder=folder,
        stillness=Untouched(),
        clock=WallClock(),
        speed=1e9,
        gauges=BEHIND,
        strict=strict,
    )


class Untouched(Stillness):
    """A drop folder that is emptied at once, and a chain that never has anything to do."""

    def __init__(self) -> None:
        super().__init__((), httpx.Client(), 0, Impatient())
        self.files: list[list[str]] = []
        self.told = 0

    def taken(self, files: object) -> None:
        paths: list[Path] = list(files)  # type: ignore[call-overload]  # any iterable of paths
        self.files.append([path.name for path in paths])
        for path in paths:
            path.unlink()

    def caught_up(self, gauges: Sequence[str]) -> None:
        self.files.append([])
        self.told += set(UNTOLD) <= set(gauges)


@pytest.fixture(scope="module")
def played() -> Play:
    return Play.of(Stage(DAY, china()), 80, 7)


@pytest.fixture(scope="module")
def minutes(played: Play) -> list[Minute]:
    return list(played.minutes())


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_is_put_off_is_asked_again_not_before_it_was_told(status: int) -> None:
    later = httpx.Response(status, headers={"Retry-After": "3"})
    chain = FakeChain(answers=deque([later, later]))
    asking = feed(chain)
    assert asking.post([EVENT]) == []
    assert [event["id"] for event in chain.posted] == ["1"]
    assert waited(asking) == [3.0, 3.0]


def test_an_ingest_that_is_away_is_waited_for_ever_longer() -> None:
    away = httpx.ConnectError("refused")
    chain = FakeChain(answers=deque([away, away, away]))
    asking = feed(chain)
    asking.post([EVENT])
    assert waited(asking) == [0.1, 0.2, 0.4]


def test_patience_ends() -> None:
    chain = FakeChain(answers=deque([httpx.ConnectError("refused")]))
    with pytest.raises(GivenUp, match="ingest did not answer for 0 s"):
        feed(chain, patience_s=0).post([EVENT])


def test_a_gateway_that_is_away_is_waited_for_and_a_refusal_is_not() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return answers.popleft()(request)

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    answers: deque[Callable[[httpx.Request], httpx.Response]] = deque(
        [away, away, lambda _: httpx.Response(200, json=[{"n": 1}]), lambda _: httpx.Response(500)]
    )
    client = httpx.Client(transport=httpx.MockTransport(answer))
    pause = Impatient()
    gateway = Gateway("http://sandbox", client, Patience(60, pause))
    assert gateway.journal() == [{"n": 1}]
    assert pause.waited == [0.1, 0.2]
    with pytest.raises(httpx.HTTPStatusError):
        gateway.journal()


def test_a_wrong_key_is_not_tried_twice() -> None:
    chain = FakeChain()
    with pytest.raises(TurnedAway, match="401"):
        feed(chain, key="another").post([EVENT])


def test_a_large_post_is_cut_and_its_refusals_keep_their_places() -> None:
    events = [{**EVENT, "id": str(n)} for n in range(1200)]
    events[700] = {**EVENT, "id": "700", "data": {**EVENT["data"], "amount": 1.5}}  # type: ignore[dict-item]
    chain = FakeChain()
    asking = feed(chain)
    assert [refusal.index for refusal in asking.post(events)] == [700]
    assert chain.batches == [500, 500, 200]
    assert (asking.accepted, asking.refused) == (1199, 1)


def test_posting_again_is_counted_as_known() -> None:
    asking = feed(FakeChain())
    asking.post([EVENT])
    asking.post([EVENT])
    assert (asking.accepted, asking.duplicates) == (1, 1)


def test_a_whole_play_is_posted_in_order_with_its_ticks_and_files(
    minutes: list[Minute], tmp_path: Path
) -> None:
    chain = FakeChain()
    playing = director(chain, tmp_path)
    playing.perform(minutes)
    good = {p.identity for minute in minutes for p in minute.postings if p.good}
    ticks = [event["data"]["at"] for event in chain.posted if event["type"] == "clock.ticked"]
    assert len(chain.posted) == len(good) + len(minutes)
    assert ticks == sorted(ticks)
    assert chain.shown == sorted(chain.shown)
    times = [event["time"] for event in chain.posted]
    assert times == sorted(times)
    stillness = playing.stillness
    assert isinstance(stillness, Untouched)
    assert stillness.told == 1  # in the morning, when what waited for it has been told
    assert stillness.files[0] == ["staff.csv", "relations.csv", "baselines.csv", "agreements.csv"]
    assert stillness.files[2] == [
        f"0001{kind}{day}.txt"
        for day in ("20260525", "20260526", "20260527", "20260528", "20260529")
        for kind in ("customer", "cuscode", "cusaccount", *WRITERS, "fundchg", "cusfund")
    ]
    assert list(tmp_path.iterdir()) == []


def test_an_event_that_must_be_refused_and_is_taken_stops_the_play(
    minutes: list[Minute], tmp_path: Path
) -> None:
    with pytest.raises(TurnedAway, match="was taken, and must not be"):
        director(FakeChain(takes_anything=True), tmp_path).perform(minutes)


def test_a_good_event_that_is_refused_stops_the_play(minutes: list[Minute], tmp_path: Path) -> None:
    refusal = {"index": 0, "id": None, "place": "data.amount", "reason": "no"}
    receipt = {"accepted": 0, "duplicates": 0, "refused": [refusal]}
    chain = FakeChain(answers=deque([httpx.Response(422, json=receipt)]))
    with pytest.raises(TurnedAway, match=r"data\.amount: no"):
        director(chain, tmp_path).perform(minutes)


def test_a_chain_with_its_own_clock_is_a_mistake_in_a_demo_and_accepted_in_a_season(
    minutes: list[Minute], tmp_path: Path
) -> None:
    with pytest.raises(TurnedAway, match="INGEST_CLOCK=source"):
        director(FakeChain(ticks_are_wanted=False), tmp_path).perform(minutes)
    chain = FakeChain(ticks_are_wanted=False, clock_is_own=True)
    director(chain, tmp_path, strict=False).perform(minutes)
    assert chain.posted
    assert not [event for event in chain.posted if event["type"] == "clock.ticked"]
    assert chain.shown == []


def test_sessions_keep_their_pace_and_idle_minutes_do_not(
    minutes: list[Minute], tmp_path: Path
) -> None:
    playing = director(FakeChain(), tmp_path)
    playing.speed = 60.0
    pause = playing._pause = Impatient()
    paced = [minute for minute in minutes if minute.paced]
    playing.perform(minutes)
    assert len(pause.waited) == len(paced) == 382
    assert 0 < pause.waited[0] <= 1.0


def test_stillness_is_zero_twice_in_a_row() -> None:
    chain = FakeChain(metrics=deque([BUSY, ALL_STILL, BUSY, ALL_STILL, ALL_STILL]))
    pause = Impatient()
    Stillness(["http://all"], chain.client(), 60, pause).caught_up((*BEHIND, *UNTOLD))
    assert len(pause.waited) == 5


@pytest.mark.parametrize("shown", [BUSY, "mot_lag_records 0.0\n", ""])
def test_a_gauge_that_is_busy_or_shown_by_nobody_is_not_still(shown: str) -> None:
    chain = FakeChain(metrics=deque([shown]))
    with pytest.raises(Restless, match="still: "):
        Stillness(["http://all"], chain.client(), 0, Impatient()).caught_up(BEHIND)


def test_a_journal_that_grows_is_not_still() -> None:
    lengths = iter([1, 2, 3, 3, 3])
    pause = Impatient()
    chain = FakeChain()
    Stillness(["http://all"], chain.client(), 60, pause).quiet(BEHIND, lambda: next(lengths))
    assert len(pause.waited) == 5


def test_files_that_nobody_takes_are_named(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.touch()
    stillness = Stillness((), httpx.Client(), 0, Impatient())
    with pytest.raises(Restless, match=r"staff\.csv"):
        stillness.taken([file])
    file.unlink()
    stillness.taken([file])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A drop folder that somebody empties, looked at often."""
    monkeypatch.setattr(stillness_module, "LOOK_S", 0.001)
    stop, drop = threading.Event(), tmp_path / "drop"
    drop.mkdir()

    def empty() -> None:
        while not stop.wait(0.002):
            for file in drop.glob("[!.]*"):
                file.unlink()

    taker = threading.Thread(target=empty)
    taker.start()
    yield drop
    stop.set()
    taker.join()


def perform(chain: FakeChain, played: Play, folder: Path) -> demo.Report:
    where = Chain("http://ingest", "http://sandbox", folder, (), SecretStr(KEY))
    return demo.perform(played, where, 1e9, Console(quiet=True), chain.client())


def test_a_chain_that_tells_exactly_the_golden_messages_passes(played: Play, folder: Path) -> None:
    chain = FakeChain(tells=played.golden)
    report = perform(chain, played, folder)
    assert report.verdict.passed
    shown = json.loads(report.line().removeprefix("DEMO "))
    assert shown["golden"] == shown["delivered"] == len(played.golden) > 300
    assert (shown["missing"], shown["unexpected"], shown["day"]) == (0, 0, "2026-06-01")
    live = [message for message in played.golden if message.trigger]
    assert shown["timed"] == len(live) > 120
    assert 0 <= shown["p50_ms"] <= shown["p99_ms"] < 10_000
    assert shown["refused"] == 4


def test_a_message_that_never_comes_and_one_too_many_are_seen(played: Play, folder: Path) -> None:
    chain = FakeChain(tells=(*played.golden[1:], played.golden[-1]))
    report = perform(chain, played, folder)
    assert report.verdict.missing == played.golden[:1]
    assert [found.why for found in report.verdict.unexpected] == ["told again"]
    assert not report.verdict.passed


def test_what_arrived_before_the_play_is_not_judged(played: Play, folder: Path) -> None:
    chain = FakeChain(tells=played.golden)
    chain.deliver(played.golden[0])
    assert perform(chain, played, folder).verdict.passed


def test_a_chain_that_says_nothing_has_no_latency(played: Play, folder: Path) -> None:
    report = perform(FakeChain(), played, folder)
    shown = json.loads(report.line().removeprefix("DEMO "))
    assert (shown["delivered"], shown["p50_ms"], shown["timed"]) == (0, None, 0)
    assert not report.verdict.passed


def test_the_verdict_is_kept_for_whoever_asks_later(played: Play, folder: Path) -> None:
    report = perform(FakeChain(), played, folder)
    kept = folder.parent / "synthetic"
    demo.keep(report, kept)
    lines = (kept / "verdict.txt").read_text().splitlines()
    assert len(lines) == len(played.golden) + 1
    assert lines[-1] == report.line()
