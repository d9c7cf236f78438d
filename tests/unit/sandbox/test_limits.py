"""Limits: sliding for people, fixed for APIs, each at its exact edge."""

import pytest

from deploy.sandbox.limits import PUBLISHED, Pace, Quota, Rate, Seen, parts

TWO_A_MINUTE = (Rate(2, 60), Rate(3, 3600))


def test_a_pace_is_broken_by_one_more_than_its_limit() -> None:
    pace = Pace(TWO_A_MINUTE)
    heard = []
    for now in (0, 10, 20, 59.9, 60, 61):
        heard.append(pace.exhausted("m001", now) is None)
        if heard[-1]:
            pace.note("m001", now)
    assert heard == [True, True, False, False, True, False]


def test_the_longer_rate_holds_when_the_shorter_has_passed() -> None:
    pace = Pace(TWO_A_MINUTE)
    for now in (0, 100, 200):
        pace.note("m001", now)
    assert pace.exhausted("m001", 300) == Rate(3, 3600)
    assert pace.exhausted("m001", 3600) is None


def test_people_do_not_use_up_each_others_pace() -> None:
    pace = Pace((Rate(1, 60),))
    pace.note("m001", 0)
    assert pace.exhausted("m002", 0) is None


def test_a_quota_opens_with_its_first_call_and_ends_after_its_span() -> None:
    quota = Quota((Rate(2, 60),))
    quota.note("send", 100)
    quota.note("send", 159)
    assert quota.exhausted("send", 159.9) == Rate(2, 60)
    assert quota.exhausted("send", 160) is None


def test_a_quota_counts_weight() -> None:
    quota = Quota((Rate(5, 60),))
    quota.note("app", 0, 4)
    assert quota.exhausted("app", 1, 1) is None
    assert quota.exhausted("app", 1, 2) == Rate(5, 60)


def test_no_rates_no_limit() -> None:
    pace, quota = Pace(()), Quota(())
    for now in range(1000):
        pace.note("m001", now)
        quota.note("send", now)
    assert pace.exhausted("m001", 999) is None
    assert quota.exhausted("send", 999) is None


def test_what_was_seen_is_forgotten_when_it_no_longer_matters() -> None:
    seen = Seen(100)
    seen.note("a", 0)
    assert seen.within("a", 99, 100)
    assert not seen.within("a", 100, 100)
    seen.note("b", 100)
    assert not seen.within("a", 50, 1000)


def test_seeing_again_keeps_the_later_moment() -> None:
    seen = Seen(100)
    seen.note("a", 0)
    seen.note("a", 90)
    seen.note("b", 120)
    assert seen.within("a", 150, 100)


@pytest.mark.parametrize(("length", "count"), [(70, 1), (71, 2), (134, 2), (135, 3), (201, 3)])
def test_a_long_text_costs_parts_of_67(length: int, count: int) -> None:
    assert parts("字" * length) == count


def test_the_published_limits_are_the_platforms() -> None:
    assert [(rate.limit, rate.seconds) for rate in PUBLISHED.member] == [(30, 60), (1000, 3600)]
    assert [(rate.limit, rate.seconds) for rate in PUBLISHED.sms] == [(50, 86_400)]
    assert [rate.limit for rate in PUBLISHED.api] == [10_000, 150_000]
