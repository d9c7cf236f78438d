from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.domain.channel import Resend
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, TokenRefused
from services.notify.domain.policy import Backoff
from services.notify.domain.retry import (
    GIVE_UP,
    Again,
    End,
    Ended,
    Tally,
    Verdict,
    in_a_word,
    verdict,
)
from tests.kit.alerts import MOMENT

BACKOFF = Backoff(first=1, longest=60)
WECOM = Resend(unsure=None, window=timedelta(hours=4))
SMS = Resend(unsure=1, window=timedelta(minutes=30))
MINUTE = timedelta(minutes=1)


def tally(attempts: int = 1, unsure: int = 0, age: timedelta = timedelta()) -> Tally:
    return Tally(attempts, unsure, MOMENT - age, MOMENT)


def test_what_works_once_is_in_doubt_when_refused_after_an_attempt_with_no_end() -> None:
    refused, backoff = Rejected("errcode-40058"), BACKOFF
    once = replace(tally(2), once=True)
    assert verdict(refused, WECOM, once, backoff) == Ended(End.REJECTED, "errcode-40058")
    doubted = verdict(refused, WECOM, replace(once, unsure=1), backoff)
    assert doubted == Ended(End.AMBIGUOUS, "unsure-errcode-40058")


def after(seconds: float, reason: str = "http-503", unsure: bool = False) -> Again:
    return Again(timedelta(seconds=seconds), reason, unsure)


SURE, UNSURE = Retry("http-503"), Retry("ReadTimeout", unsure=True)


@pytest.mark.parametrize(
    ("outcome", "resend", "so_far", "expected"),
    [
        (Sent("m1"), WECOM, tally(), Ended(End.SENT, "ok", "m1")),
        (Rejected("errcode-40003"), WECOM, tally(), Ended(End.REJECTED, "errcode-40003")),
        (SURE, WECOM, tally(1), after(1)),
        (SURE, WECOM, tally(2), after(2)),
        (SURE, WECOM, tally(6), after(32)),
        (SURE, WECOM, tally(7), after(60)),
        (SURE, WECOM, tally(5000), after(60)),
        (TokenRefused("errcode-42001"), WECOM, tally(), after(1, "errcode-42001")),
        (
            Retry("errcode-45009", freeze=MINUTE),
            WECOM,
            tally(),
            Again(timedelta(seconds=1), "errcode-45009", False, MINUTE),
        ),
        # a send that may have been taken: 企业微信 drops the repeat, an SMS is repeated once
        (UNSURE, WECOM, tally(9, unsure=8), after(60, "ReadTimeout", True)),
        (UNSURE, SMS, tally(1), after(1, "ReadTimeout", True)),
        (UNSURE, SMS, tally(2, unsure=1), Ended(End.AMBIGUOUS, "unsure-ReadTimeout")),
        (SURE, SMS, tally(2, unsure=1), after(2)),
        # what certainly did not arrive is asked again for a week
        (SURE, SMS, tally(9, age=30 * MINUTE), after(60)),
        (SURE, WECOM, tally(9, age=GIVE_UP - MINUTE), after(60)),
        (SURE, WECOM, tally(9, age=GIVE_UP), Ended(End.REJECTED, "gave-up-http-503")),
        # what may have arrived only in the window in which a repeat is safe
        (UNSURE, WECOM, tally(9, age=239 * MINUTE), after(60, "ReadTimeout", True)),
        (
            UNSURE,
            WECOM,
            tally(9, age=240 * MINUTE),
            Ended(End.AMBIGUOUS, "gave-up-ReadTimeout"),
        ),
        (
            SURE,
            WECOM,
            tally(9, unsure=1, age=240 * MINUTE),
            Ended(End.AMBIGUOUS, "gave-up-http-503"),
        ),
    ],
)
def test_what_follows(outcome: Outcome, resend: Resend, so_far: Tally, expected: Verdict) -> None:
    assert verdict(outcome, resend, so_far, BACKOFF) == expected


def test_lanes_do_not_repeat_in_step() -> None:
    spread = Tally(1, 0, MOMENT, MOMENT, spread=1.0)
    assert verdict(SURE, WECOM, spread, BACKOFF) == after(1.25)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (Ended(End.SENT, "ok"), "sent"),
        (Ended(End.AMBIGUOUS, "x"), "ambiguous"),
        (after(1), "retry"),
        (after(1, unsure=True), "unsure"),
        (Again(timedelta(seconds=1), "ConnectError", unsure=False, made=False), "unmade"),
    ],
)
def test_a_verdict_in_a_word(given: Verdict, word: str) -> None:
    assert in_a_word(given) == word
