"""The library's thread: callbacks in the shape of ``ctp_risk``, handed over with back-pressure."""

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from services.ingest.adapters.ctp import library
from services.ingest.adapters.ctp.handover import Handover
from services.ingest.adapters.ctp.instants import Instants
from services.ingest.adapters.ctp.library import LibraryMissing, load
from services.ingest.adapters.ctp.risk_user import Login, RiskUser
from services.ingest.domain.ctp.records import (
    Arrival,
    Broken,
    Connected,
    Deposit,
    Disconnected,
    Heard,
    LoggedIn,
    Stream,
)
from shared.clock import DrivenClock
from tests.kit.ctp import AT, OF, arrival, struct


class Binding:
    """The members of ``ctp_risk.ctp_trade.Trade`` that are used, and one that prints."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("On"):
            raise AttributeError(name)
        return lambda *given, **named: self.calls.append((name, given or named)) or name  # type: ignore[func-returns-value]

    def OnRtnBrokerDeposit(self, struct: object) -> None:  # noqa: N802 CTP's own name
        raise AssertionError("printed")


@pytest.fixture
def binding() -> Binding:
    return Binding()


def started(binding: Binding) -> tuple[RiskUser, list[Heard]]:
    whom = Login("tcp://127.0.0.1:1", "9999", "risk", SecretStr("secret"))
    heard: list[Heard] = []
    user = RiskUser(binding, whom, Instants(DrivenClock(AT)))
    user.start(heard.append)
    return user, heard


def test_it_is_started_as_the_binding_wants_it(binding: Binding) -> None:
    user, _ = started(binding)
    user.login()
    user.subscribe(Stream.TRADE, 7)
    user.close()
    names = [name for name, _ in binding.calls]
    assert names == [
        "CreateApi",
        "CreateSpi",
        "RegisterSpi",
        "RegCB",
        "RegisterFront",
        "Init",
        "ReqRiskUserLogin",
        "ReqSubscribeTrade",
        "Release",
    ]
    assert dict(binding.calls)["ReqSubscribeTrade"] == {"SequenceNo": 7}
    assert "secret" not in repr(user)


def test_callbacks_become_what_was_heard(binding: Binding) -> None:
    _, heard = started(binding)
    api: Any = binding
    api.OnFrontConnected()
    api.OnRspRiskUserLogin(
        SimpleNamespace(TradingDay=b"20260601\0"), SimpleNamespace(ErrorID=0), 1, True
    )
    for stream, (name, _) in OF.items():
        getattr(api, name)(struct(stream, 3))
    api.OnFrontDisconnected(4097)
    api.OnRtnBrokerDeposit(object())
    assert heard[:2] == [Connected(), LoggedIn("20260601")]
    assert isinstance(heard[-1], Disconnected)
    arrivals = [one for one in heard if isinstance(one, Arrival)]
    assert [one.stream for one in arrivals] == list(OF)
    assert {one.day for one in arrivals} == {"20260601"}
    moments = [one.at for one in arrivals]
    assert moments[0] == AT
    assert moments == sorted(set(moments))  # although the clock stands still
    assert isinstance(arrivals[0].record, Deposit)


def test_a_refused_login_says_its_number(binding: Binding) -> None:
    _, heard = started(binding)
    api: Any = binding
    api.OnRspRiskUserLogin(SimpleNamespace(TradingDay=b""), SimpleNamespace(ErrorID=3), 1, True)
    assert heard == [LoggedIn("", 3)]


def test_a_callback_that_fails_is_heard_of(binding: Binding) -> None:
    _, heard = started(binding)
    api: Any = binding
    api.OnRspRiskUserLogin(SimpleNamespace(), SimpleNamespace(), 1, True)
    assert isinstance(heard[0], Broken)


def test_after_the_close_nothing_is_heard(binding: Binding) -> None:
    user, heard = started(binding)
    api: Any = binding
    user.close()
    api.OnFrontConnected()
    assert heard == []


async def test_the_library_waits_while_there_is_no_room() -> None:
    handover, numbers = Handover(room=3), range(1, 201)
    most = 0

    def put_all() -> None:
        for number in numbers:
            handover.put(arrival(Stream.DEPOSIT, number))

    thread = threading.Thread(target=put_all)
    thread.start()
    taken: list[Heard] = []
    while len(taken) < len(numbers):
        await asyncio.sleep(0)
        some = await handover.take(50, 5)
        most = max(most, len(some))
        taken += some
    thread.join()
    assert [one.number for one in taken if isinstance(one, Arrival)] == list(numbers)
    assert 1 <= most <= 6  # three in the basket, and those that were let in while it was emptied


async def test_a_waiting_callback_is_let_go_at_the_end() -> None:
    handover = Handover(room=1)
    handover.put(Connected())
    thread = threading.Thread(target=handover.put, args=(Connected(),))
    thread.start()
    handover.close()
    thread.join(5)
    assert not thread.is_alive()
    assert await handover.take(9, 0.01) == [Connected()]


async def test_while_too_much_waits_for_kafka_nothing_is_given_out() -> None:
    backlog = [True]
    handover = Handover(room=1, too_much_waits=lambda: backlog[0])
    handover.put(Connected())
    assert await handover.take(9, 0.01) == []
    backlog[0] = False
    assert await handover.take(9, 5) == [Connected()]


async def test_nothing_comes_of_nothing() -> None:
    assert await Handover(room=1).take(9, 0.01) == []


def test_a_missing_library_is_named_with_its_remedy() -> None:
    with pytest.raises(LibraryMissing, match=r"ctp_risk.nothing 不在.*pip install ctp-risk"):
        load("ctp_risk.nothing")


def test_a_library_that_ends_its_process_does_not_end_ours(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fatal_ctp.py").write_text(
        "import os, sys\nsys.stderr.write('locale::facet name not valid')\nsys.stderr.flush()\n"
        "os.abort()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(LibraryMissing, match=r"signal 6.*zh_CN.GB18030"):
        load("fatal_ctp")


def test_a_library_that_is_there_is_loaded() -> None:
    assert load(library.__name__) is library
