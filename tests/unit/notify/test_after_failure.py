"""What follows when an intent ended without having been sent."""

import pytest

from services.notify.domain.decide import Tried, after_failure
from services.notify.domain.decision import Send
from tests.kit.alerts import DESK, POLICY, amended, known, member, raised

WECOM, SMS = "wecom_app", "aliyun_sms"


def tried(who: str, channel: str, end: str | None, step: int = 1) -> Tried:
    return Tried(who, channel, step, end)


@pytest.mark.parametrize(
    ("urgency", "so_far", "expected"),
    [
        # 企业微信 rejected, the SMS still open or sent: nothing more
        ("high", [tried("m001", SMS, None), tried("m001", WECOM, "rejected")], []),
        ("high", [tried("m001", SMS, "sent"), tried("m001", WECOM, "rejected")], []),
        # 企业微信 rejected and no SMS was intended: it is sent now
        ("high", [tried("m001", WECOM, "rejected")], ["m001 aliyun_sms 1 rejected-elsewhere"]),
        # everything rejected: the risk desk, once
        (
            "high",
            [tried("m001", WECOM, "rejected"), tried("m001", SMS, "ambiguous")],
            ["r001 wecom_app 2 nobody-reached", "r001 aliyun_sms 2 nobody-reached"],
        ),
        ("middle", [tried("m001", WECOM, "rejected")], ["r001 wecom_app 2 nobody-reached"]),
        (
            "middle",
            [tried("m001", WECOM, "rejected"), tried("r001", WECOM, "rejected", 2)],
            ["undeliverable"],
        ),
        # of two receivers one was reached
        ("middle", [tried("r001", WECOM, "sent"), tried("r002", WECOM, "rejected")], []),
        # the risk desk itself was the receiver
        ("middle", [tried("r001", WECOM, "rejected")], ["undeliverable"]),
    ],
)
def test_what_follows(urgency: str, so_far: list[Tried], expected: list[str]) -> None:
    people = known(member("m001"))
    decisions = after_failure(raised(urgency=urgency), POLICY, people, so_far, so_far[-1])
    assert [
        f"{d.receiver.staff_id} {d.channel} {d.step} {d.reason}"
        if isinstance(d, Send)
        else d.reason
        for d in decisions
    ] == expected


def test_a_receiver_who_cannot_get_an_sms_is_not_sent_one() -> None:
    people = known(member("m001", mobile=None))
    failed = tried("m001", WECOM, "rejected")
    sends = after_failure(raised(), POLICY, people, [failed], failed)
    assert {s.receiver for s in sends if isinstance(s, Send)} == {DESK}


def test_a_correction_that_wecom_rejects_is_sent_by_sms_after_all() -> None:
    failed = tried("m001", WECOM, "rejected")
    (send,) = after_failure(amended(), POLICY, known(), [failed], failed)
    assert isinstance(send, Send)
    assert (send.receiver.staff_id, send.channel) == ("m001", SMS)
