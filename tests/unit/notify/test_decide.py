"""告知决定 — one revision, decided."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.decide import DAWN, decide
from services.notify.domain.decision import Decision, Defer, Send, Suppress
from services.notify.domain.receiver import Client, Directory
from shared.contracts.alerts import AlertEvent, AlertWithdrawn
from shared.kernel.trading_day import CHINA
from tests.kit.alerts import (
    DESK,
    MANAGER,
    MOMENT,
    MORNING,
    NIGHT,
    POLICY,
    STRANGER,
    alert,
    amended,
    confirmed,
    history,
    known,
    member,
    raised,
    withdrawn,
)


def shown(decisions: tuple[Decision, ...]) -> list[str]:
    """Return decisions as short lines."""
    lines = []
    for decision in decisions:
        match decision:
            case Send(receiver, channel, reason, step):
                lines.append(f"send {receiver.staff_id} {channel} {reason} {step}")
            case Suppress(reason, receiver, channel):
                lines.append(
                    f"suppress {receiver.staff_id if receiver else '-'} {channel} {reason}"
                )
            case Defer(until, reason):
                lines.append(f"defer {until.astimezone(CHINA):%d %H:%M:%S} {reason}")
    return lines


TO_MANAGER = ["send m001 wecom_app manager 1", "send m001 aliyun_sms manager 1"]
TO_DESK = ["send r001 wecom_app no-client 1", "send r001 aliyun_sms no-client 1"]
LEAVER = member("m001", successor_id="m002")
ALL = (LEAVER, member("m002", successor_id="m003"), member("m003"))
DUMB: dict[str, Any] = {"wecom_userid": None, "mobile": None}
WAITED = MOMENT - timedelta(seconds=5)


@pytest.mark.parametrize(
    ("event", "past", "expected"),
    [
        (raised(), history(), TO_MANAGER),
        (raised(urgency="middle"), history(), TO_MANAGER[:1]),
        (raised(urgency="low"), history(), TO_MANAGER[:1]),
        (raised(rehearsal=True), history(), ["suppress - None rehearsal"]),
        (
            raised(urgency="low"),
            history(known(*ALL)),
            ["send m003 wecom_app successor 1"],
        ),
        (raised(), history(STRANGER), ["defer 01 10:31:10 no-relation"]),
        (raised(), history(known(manager=None)), ["defer 01 10:31:10 no-manager"]),
        (raised(), history(known(manager="m009")), ["defer 01 10:31:10 unknown-manager"]),
        (
            raised(urgency="middle"),
            history(known(member("m001", successor_id="m001"))),
            ["defer 01 10:31:10 unknown-manager"],
        ),
        (
            raised(urgency="middle"),
            history(STRANGER, since=WAITED),
            ["send r001 wecom_app desk-no-relation 1"],
        ),
        (
            raised(urgency="middle"),
            history(known(manager="m009"), since=WAITED),
            ["send r001 wecom_app desk-unknown-manager 1"],
        ),
        (
            raised(urgency="middle"),
            history(STRANGER, since=WAITED + timedelta(milliseconds=1)),
            ["defer 01 10:31:05 no-relation"],
        ),
        (
            raised(),
            history(known(member("m001", wecom_userid=None))),
            ["send m001 aliyun_sms manager 1", "suppress m001 wecom_app no-wecom-id"],
        ),
        (
            raised(),
            history(known(member("m001", mobile=None))),
            ["send m001 wecom_app manager 1", "suppress m001 aliyun_sms no-mobile"],
        ),
        (
            raised(urgency="middle"),
            history(known(member("m001", wecom_userid=None))),
            [
                "send r001 wecom_app desk-unreachable 1",
                "suppress m001 wecom_app no-wecom-id",
            ],
        ),
        (
            raised(),
            history(known(member("m001", **DUMB), desk=[member("r001", "risk", **DUMB)])),
            ["defer 01 10:32:05 nobody-reachable"],
        ),
        (
            raised(),
            history(replace(STRANGER, desk=()), since=WAITED),
            ["defer 01 10:32:05 nobody-reachable"],
        ),
        (
            withdrawn(urgency="middle"),
            history(heard=frozenset({"r001"}), standing=True),
            ["send r001 wecom_app has-heard 1"],
        ),
        (
            withdrawn(urgency="middle"),
            history(heard=frozenset({"r009"}), standing=True),
            ["send m001 wecom_app manager 1"],
        ),
        (confirmed(), history(standing=True), TO_MANAGER),
        (
            alert("confirmed", 2),
            history(standing=True),
            ["suppress - None confirmed-by-settlement"],
        ),
        (
            amended(),
            history(heard=frozenset({"r001"}), standing=True),
            ["send r001 wecom_app has-heard 1"],
        ),
        (
            amended(),
            history(
                known(member("m001", wecom_userid=None)), heard=frozenset({"m001"}), standing=True
            ),
            ["send m001 aliyun_sms has-heard 1", "suppress m001 wecom_app no-wecom-id"],
        ),
        (amended(), history(), TO_MANAGER),  # nobody has heard what it corrects: all of it is news
        (raised(account="feed", module="公告"), history(STRANGER), TO_DESK),
        (raised(account="feed"), history(known()), TO_DESK),
        (
            raised(account="feed"),
            history(replace(STRANGER, desk=()), since=WAITED),
            ["defer 01 10:32:05 nobody-reachable"],
        ),
        (
            withdrawn(account="feed"),
            history(STRANGER, heard=frozenset({"r001"}), standing=True),
            ["send r001 wecom_app has-heard 1", "send r001 aliyun_sms has-heard 1"],
        ),
    ],
)
def test_what_is_decided(event: AlertEvent, past: object, expected: list[str]) -> None:
    assert shown(decide(event, POLICY, past, MOMENT)) == expected  # type: ignore[arg-type]  # a table


@pytest.mark.parametrize(
    ("urgency", "now", "expected"),
    [
        ("middle", NIGHT, ["defer 02 08:00:00 quiet-hours"]),
        ("low", NIGHT, ["defer 02 08:00:00 quiet-hours"]),
        ("high", NIGHT, TO_MANAGER),
        ("middle", MORNING, TO_MANAGER[:1]),
        ("middle", DAWN, ["defer 01 08:00:00 clock-not-started"]),
        ("high", DAWN, TO_MANAGER),
    ],
)
def test_when_it_is_quiet(urgency: str, now: datetime, expected: list[str]) -> None:
    assert shown(decide(raised(urgency=urgency), POLICY, history(), now)) == expected


FROM = datetime(2026, 6, 2, 8, 30, tzinfo=CHINA)
EARLY = datetime(2026, 6, 2, 6, 30, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("event", "now", "expected"),
    [
        (raised(tell_from=FROM), MOMENT, ["defer 02 08:30:00 not-before"]),
        (raised(tell_from=FROM), DAWN, ["defer 02 08:30:00 not-before"]),
        (
            raised(tell_from=FROM),
            FROM - timedelta(microseconds=1),
            ["defer 02 08:30:00 not-before"],
        ),
        (raised(tell_from=FROM), FROM, TO_MANAGER),
        (raised(tell_from=EARLY, urgency="middle"), NIGHT, ["defer 02 06:30:00 not-before"]),
        (raised(tell_from=EARLY, urgency="middle"), EARLY, ["defer 02 08:00:00 quiet-hours"]),
        (raised(tell_from=EARLY, urgency="high"), EARLY, TO_MANAGER),
        (raised(tell_from=FROM, rehearsal=True), MOMENT, ["suppress - None rehearsal"]),
    ],
)
def test_an_alert_may_say_from_when_it_is_told(
    event: AlertEvent, now: datetime, expected: list[str]
) -> None:
    assert shown(decide(event, POLICY, history(), now)) == expected


@given(
    minutes=st.integers(-3000, 3000),
    urgency=st.sampled_from(["high", "middle", "low"]),
    kind=st.sampled_from(["raised", "updated", "amended", "withdrawn"]),
)
def test_nothing_is_ever_sent_before_its_time(minutes: int, urgency: str, kind: str) -> None:
    now = FROM + timedelta(minutes=minutes)
    event = alert(kind, 1, urgency=urgency, tell_from=FROM)
    decisions = decide(event, POLICY, history(since=MOMENT), now)
    sends = [d for d in decisions if isinstance(d, Send)]
    assert not sends or now >= FROM
    assert all(d.until > now for d in decisions if isinstance(d, Defer))
    if minutes < 0:
        assert decisions == (Defer(FROM, "not-before"),)


def test_which_confirmations_are_news_is_data() -> None:
    telling = POLICY.model_copy(update={"tell_confirmed": frozenset({"large_withdrawal"})})
    assert shown(decide(alert("confirmed", 2), telling, history(), MOMENT)) == TO_MANAGER
    assert shown(decide(confirmed(), telling, history(), MOMENT)) == [
        "suppress - None confirmed-by-settlement"
    ]


def test_an_unknown_account_waits_anew_once_the_clock_has_started() -> None:
    before = decide(raised(), POLICY, history(STRANGER), DAWN)
    assert before == (Defer(DAWN + timedelta(seconds=5), "no-relation"),)

    after = decide(raised(), POLICY, history(STRANGER, since=DAWN), MOMENT)
    assert after == (Defer(MOMENT + timedelta(seconds=5), "no-relation"),)


def test_the_wait_is_a_number_of_the_policy() -> None:
    patient = POLICY.model_copy(update={"relation_wait_seconds": 30})
    (deferred,) = decide(raised(), patient, history(STRANGER), MOMENT)
    assert isinstance(deferred, Defer)
    assert deferred.until == MOMENT + timedelta(seconds=30)


def test_all_of_the_risk_desk_hear_of_an_unknown_account() -> None:
    second = member("r002", "risk")
    crowd = Directory(None, {"r001": DESK, "r002": second}, (DESK, second))
    sends = decide(raised(), POLICY, history(crowd, since=WAITED), MOMENT)
    assert {(s.receiver.staff_id, s.channel) for s in sends if isinstance(s, Send)} == {
        (who, channel) for who in ("r001", "r002") for channel in ("wecom_app", "aliyun_sms")
    }


@given(
    minute=st.integers(0, 525_599),
    urgency=st.sampled_from(["middle", "low"]),
    manager=st.sampled_from([None, "m001", "m009"]),
)
def test_nothing_is_ever_sent_in_quiet_hours(
    minute: int, urgency: str, manager: str | None
) -> None:
    local = datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=minute)
    people = Directory(Client("张**", manager), {"m001": MANAGER, "r001": DESK}, (DESK,))
    past = history(people, since=local - timedelta(hours=1))
    decisions = decide(raised(urgency=urgency), POLICY, past, local)
    quiet = local.hour >= 22 or local.hour < 8
    assert quiet != any(isinstance(d, Send) for d in decisions)
    assert all(d.until > local for d in decisions if isinstance(d, Defer))


DESK_TOO = POLICY.model_copy(update={"desk_too": frozenset({"large_withdrawal"})})


@pytest.mark.parametrize(
    ("event", "people", "desk"),
    [
        (raised(), known(), ["r001 wecom_app desk-too", "r001 aliyun_sms desk-too"]),
        (raised(rule="margin_usage"), known(), []),
        (
            raised(account="feed"),
            known(),
            ["r001 wecom_app no-client", "r001 aliyun_sms no-client"],
        ),
        (withdrawn(), known(), []),  # who has heard hears it, and nobody else
    ],
)
def test_of_some_rules_the_risk_desk_hears_beside_the_manager_once(
    event: AlertEvent, people: Directory, desk: list[str]
) -> None:
    past = history(people, heard=frozenset({"m001"}), standing=isinstance(event, AlertWithdrawn))
    told = [d for d in decide(event, DESK_TOO, past, MOMENT) if isinstance(d, Send)]
    ours = [f"{d.receiver.staff_id} {d.channel} {d.reason}" for d in told]
    assert [line for line in ours if line.startswith("r001")] == desk
    assert all(d.step == 1 for d in told)


def test_the_product_tells_the_desk_only_what_nobody_else_can_be_told() -> None:
    assert POLICY.desk_too == frozenset()
