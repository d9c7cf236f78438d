"""Every decision has its named reason in the log, and nobody's account or number with it."""

import structlog
from prometheus_client import REGISTRY

from services.notify.domain.decision import Defer, Send, Settled, Suppress
from services.notify.domain.muting import Muting, Silence
from services.notify.saying import say
from tests.kit.alerts import ACCOUNT, BROKER, MANAGER, MOMENT, MORNING, raised
from tests.kit.memory_ledger import stage


def counted(decision: str, reason: str) -> float:
    labels = {"decision": decision, "reason": reason}
    return REGISTRY.get_sample_value("notify_decisions_total", labels) or 0


def test_each_kind_is_counted_and_logged_with_its_reason() -> None:
    settled = Settled(
        raised(),
        (
            Send(MANAGER, "wecom_app", "manager"),
            Suppress("no-mobile", MANAGER, "aliyun_sms"),
            Defer(MORNING, "quiet-hours"),
        ),
    )
    kinds = (("send", "manager"), ("suppress", "no-mobile"), ("defer", "quiet-hours"))
    before = [counted(*kind) for kind in kinds]
    with structlog.testing.capture_logs() as lines:
        say([settled])
    assert [counted(*kind) for kind in kinds] == [number + 1 for number in before]
    (line,) = lines
    assert line["decisions"] == [
        "defer quiet-hours 2026-06-02T08:00:00+08:00",
        "send manager wecom_app",
        "suppress no-mobile aliyun_sms",
    ]
    assert ACCOUNT not in str(line)
    assert not any(number in str(line) for number in ("138", MANAGER.staff_id))


async def test_what_is_kept_quiet_is_logged_too() -> None:
    one = stage()
    silence = Silence(7, BROKER, MOMENT, MORNING, "系统切换", "cli:ops")
    one.ledger.muted = Muting((silence,))
    with structlog.testing.capture_logs() as lines:
        await one.teller.hear(raised(), "t/0/0")
    assert [line["decisions"] for line in lines] == [["suppress silenced"]]
