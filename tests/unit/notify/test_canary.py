"""金丝雀 and the dead-man's switch: what is sent, what counts as lost, what silence is."""

from datetime import date, datetime, time, timedelta

import pytest
from pydantic import ValidationError

from services.notify.domain.canary import (
    CANARY,
    SILENT,
    Arrived,
    Canary,
    ages,
    days,
    is_due,
    is_trading,
    lost,
    lost_by,
    notices,
    silence,
    which,
)
from services.notify.domain.climb import Escalation
from services.notify.domain.decide import decide
from services.notify.domain.decision import Defer, Send, Settled
from services.notify.domain.duty import trading
from services.notify.domain.own_alerts import missed, silent, song
from shared.kernel.trading_day import CHINA, china
from tests.kit.alerts import DESK, NIGHT, POLICY, history, known, member

PHONE = member("ops1", "operator")
ROBIN = Canary(broker="demo", staff="ops1")
OWN = POLICY.model_copy(update={"notices": notices(ROBIN, POLICY)})
DAY = date(2026, 6, 1)
HOURS = trading(china())


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=CHINA)


def told(event: object, *people: object) -> list[str]:
    directory = known(PHONE, *people)  # type: ignore[arg-type]
    made = decide(event, OWN, history(directory), NIGHT)  # type: ignore[arg-type]
    return [f"{d.receiver.staff_id} {d.channel} {d.reason}" for d in made if isinstance(d, Send)]


def test_a_canary_goes_to_the_chosen_phone_by_its_channels_at_any_hour() -> None:
    assert told(song(ROBIN, DAY)) == ["ops1 wecom_app canary", "ops1 aliyun_sms canary"]
    assert song(ROBIN, DAY) == song(ROBIN, DAY)
    assert song(ROBIN, DAY).data.alert_id == which(ROBIN, DAY)
    assert which(ROBIN, DAY) != which(ROBIN, DAY + timedelta(days=1))


def test_a_canary_whose_receiver_is_unknown_waits_and_then_is_the_desks() -> None:
    stranger = known(member("m001"))
    (waits,) = decide(song(ROBIN, DAY), OWN, history(stranger), NIGHT)
    assert isinstance(waits, Defer)
    assert waits.reason == "unknown-canary"
    late = history(stranger, since=NIGHT - timedelta(minutes=1))
    made = decide(song(ROBIN, DAY), OWN, late, NIGHT)
    assert {d.reason for d in made if isinstance(d, Send)} == {"desk-unknown-canary"}


def test_what_a_channel_lost_is_told_by_the_other_one() -> None:
    assert told(missed(ROBIN, DAY, "wecom_app", "企业微信")) == ["r001 aliyun_sms no-client"]
    assert told(missed(ROBIN, DAY, "aliyun_sms", "短信")) == ["r001 wecom_app no-client"]
    both = ["r001 wecom_app no-client", "r001 aliyun_sms no-client"]
    assert told(silent(ROBIN, at("01T09:00"))) == both


def test_with_one_channel_alone_it_is_the_one() -> None:
    alone = POLICY.model_copy(update={"channels": dict.fromkeys(POLICY.channels, ("wecom_app",))})
    made = notices(Canary(broker="demo", staff="ops1", channels=("wecom_app",)), alone)
    assert made[lost_by("wecom_app")].channels == ("wecom_app",)
    assert notices(None, POLICY) == {}


def test_nobody_need_answer_a_canary_but_what_it_has_found() -> None:
    ladders = Escalation(OWN, china())
    heard = (Send(PHONE, "wecom_app", "canary"),)
    assert ladders.began((Settled(song(ROBIN, DAY), heard),), NIGHT) is None
    heard = (Send(DESK, "wecom_app", "no-client"),)
    found = missed(ROBIN, DAY, "wecom_app", "企业微信")
    assert ladders.began((Settled(found, heard),), NIGHT) is not None


@pytest.mark.parametrize(
    ("now", "sung"),
    [("01T08:29", False), ("01T08:30", True), ("01T23:59", True), ("02T03:00", False)],
)
def test_it_is_due_from_its_time_of_day_to_midnight(now: str, sung: bool) -> None:
    assert is_due(ROBIN, at(now)) is sung


def test_it_is_lost_where_it_has_not_arrived_in_time() -> None:
    began = at("01T08:30")
    one = Arrived(DAY, "wecom_app", at("01T08:31"))
    old = Arrived(DAY - timedelta(days=1), "aliyun_sms", at("01T00:00"))
    assert lost(ROBIN, began, [], at("01T08:44")) == ()
    assert list(lost(ROBIN, began, [one, old], at("01T08:45"))) == ["aliyun_sms"]
    assert lost(ROBIN, at("01T12:00"), [], at("01T12:14")) == (), "begun late, it has its time"
    assert lost(ROBIN, None, [], at("01T12:14")) == ()


def test_its_age_is_that_of_the_last_one_that_arrived() -> None:
    now, since = at("02T09:00"), at("01T08:30")
    old = [Arrived(DAY, "wecom_app", at("01T08:31")), Arrived(DAY, "wecom_app", at("01T08:30"))]
    found = ages(ROBIN, since, old, now)
    assert found == {
        "wecom_app": timedelta(hours=24, minutes=29),
        "aliyun_sms": timedelta(hours=24, minutes=30),
    }
    assert days(at("01T00:10"))[:2] == [date(2026, 6, 1), date(2026, 5, 31)]


def test_silence_counts_trading_time_alone() -> None:
    assert silence(HOURS, at("01T11:00"), at("01T14:00")) == timedelta(minutes=60)
    assert silence(HOURS, at("05T15:00"), at("07T20:00")) == timedelta(hours=5, minutes=30)
    assert is_trading(HOURS, at("01T10:00"))
    assert not is_trading(HOURS, at("01T12:00"))


def test_each_silence_is_one_alert() -> None:
    first, second = (silent(ROBIN, at(t)).data for t in ("01T09:00", "01T09:01"))
    assert first.alert_id != second.alert_id
    assert {first.rule, second.rule} == {SILENT}
    assert song(ROBIN, DAY).data.rule == CANARY


def test_a_channel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="no such channel"):
        Canary(broker="demo", staff="ops1", channels=("pigeon",))


def test_it_is_judged_before_midnight_of_its_day() -> None:
    with pytest.raises(ValidationError, match="before midnight"):
        Canary(broker="demo", staff="r001", at=time(23, 45))
    assert Canary(broker="demo", staff="r001", at=time(23, 44)).at == time(23, 44)
