"""群机器人 — who hears by a role's group, and channels that have no settings."""

from dataclasses import replace

from services.notify.domain.decide import Tried, after_failure, decide
from services.notify.domain.decision import Send, Suppress
from services.notify.domain.policy import Policy
from services.notify.domain.receiver import Client, Directory, Receiver, team
from tests.kit.alerts import MANAGER, MOMENT, POLICY, history, member, raised, withdrawn

ROBOTS = frozenset({"wecom_robot"})
TEAM = team("risk", ROBOTS)
TWO = tuple(replace(member(f"r00{n}", role="risk"), robots=ROBOTS) for n in (1, 2))
DIRECTORY = Directory(None, {p.staff_id: p for p in (*TWO, TEAM)}, TWO)


def policy(*channels: str, configured: set[str] | None = None) -> Policy:
    given = POLICY.model_dump(mode="json") | {
        "channels": dict.fromkeys(("high", "middle", "low"), channels),
        "relation_wait_seconds": 0,
    }
    made = Policy.model_validate(given)
    return made.model_copy(update={"configured": configured and frozenset(configured)})


def sends(*decisions: object) -> list[tuple[str, str]]:
    return [(d.receiver.staff_id, d.channel) for d in decisions if isinstance(d, Send)]


def test_a_group_hears_once_however_many_are_in_the_team() -> None:
    told = decide(raised(), policy("wecom_app", "wecom_robot"), history(DIRECTORY), MOMENT)
    assert sends(*told) == [
        ("r001", "wecom_app"),
        ("team-risk", "wecom_robot"),
        ("r002", "wecom_app"),
    ]


def test_a_role_without_a_group_is_named() -> None:
    known = Directory(Client("张**", "m001"), {"m001": MANAGER}, ())
    told = decide(raised(), policy("wecom_app", "wecom_robot"), history(known), MOMENT)
    assert sends(*told) == [("m001", "wecom_app")]
    assert Suppress("no-robot", MANAGER, "wecom_robot") in told


def test_a_group_that_was_told_hears_the_withdrawal() -> None:
    heard = replace(history(DIRECTORY), heard=frozenset({"team-risk"}), standing=True)
    told = decide(withdrawn(), policy("wecom_robot"), heard, MOMENT)
    assert sends(*told) == [("team-risk", "wecom_robot")]


def test_a_channel_without_settings_is_named_and_the_others_go_on() -> None:
    some = policy("wecom_app", "feishu_robot", "app_push", configured={"wecom_app"})
    told = decide(raised(), some, history(DIRECTORY), MOMENT)
    assert sends(*told) == [("r001", "wecom_app"), ("r002", "wecom_app")]
    assert told[-2:] == (
        Suppress("not-configured", channel="feishu_robot"),
        Suppress("not-configured", channel="app_push"),
    )


def test_a_second_channel_without_settings_is_not_tried() -> None:
    spare = policy("wecom_app", configured={"wecom_app"}).model_copy(
        update={"when_rejected": dict.fromkeys(POLICY.channels, ("app_push",))}
    )
    failed = Tried("r001", "wecom_app", 1, "rejected")
    others = (failed, Tried("r002", "wecom_app", 1, "sent"))
    assert after_failure(raised(), spare, DIRECTORY, others, failed) == ()
    has = spare.model_copy(update={"configured": None})
    assert sends(*after_failure(raised(), has, DIRECTORY, others, failed)) == [("r001", "app_push")]


def test_a_team_is_a_receiver_of_its_own() -> None:
    assert Receiver("r001", "risk", "r001", robots=ROBOTS).team == TEAM
    assert TEAM.team == TEAM
    assert TEAM.wecom_userid is None
