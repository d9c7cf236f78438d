"""What profile tells becomes the catalogue's message to the manager, once."""

import json
from pathlib import Path

from services.notify.domain.from_profile import alert_of
from shared.contracts.alerts import AlertRaised
from shared.contracts.messages import messages
from shared.contracts.profiles import PROFILES, PermissionBecameEligible
from tests.kit.alerts import known, member
from tests.kit.memory_ledger import stage

GOLDEN = Path(__file__).parents[3] / "shared" / "contracts" / "examples"
ORIGIN = "profile.customer.v1/3/7"


def eligible(**other: str) -> PermissionBecameEligible:
    raw = json.loads((GOLDEN / "permission.became-eligible.json").read_bytes())
    told = PROFILES.validate_python({**raw, **other})
    assert isinstance(told, PermissionBecameEligible)
    return told


def alerted(event: PermissionBecameEligible, origin: str = ORIGIN) -> AlertRaised:
    found = alert_of(event, origin)
    assert found is not None
    return found


def test_it_names_the_products_and_how_many() -> None:
    told = alerted(eligible()).data
    (message,) = (one for one in messages() if one.name == "特殊品种可开通")
    assert (told.message_type, told.module, told.urgency) == (
        message.name,
        message.module,
        message.urgency,
    )
    assert tuple(told.facts) == message.fields
    assert list(told.facts.values()) == ["2个", "原油期货和期权、能源中心特定品种"]
    assert told.summary == "已满足2个特殊品种的开通条件"
    assert (told.passport.topic, told.passport.partition, told.passport.offset) == (
        "profile.customer.v1",
        3,
        7,
    )


def test_the_same_fact_is_the_same_alert_and_another_is_another() -> None:
    one, again = alerted(eligible()), alerted(eligible(), "profile.customer.v1/3/9")
    other = alerted(eligible(id="another"))
    assert (one.id, one.data.alert_id) == (again.id, again.data.alert_id)
    assert other.data.alert_id != one.data.alert_id


async def test_the_manager_is_told_once() -> None:
    s = stage()
    for offset in (7, 9):
        origin = f"profile.customer.v1/3/{offset}"
        await s.teller.hear(alerted(eligible(), origin), origin)
    assert s.ledger.told() == ["1 m001 wecom_app 1"]
    assert s.ledger.decisions[0] == "1 send manager"


def given(**other: object) -> AlertRaised:
    raw = json.loads((GOLDEN / "visit.assigned.json").read_bytes())
    event = PROFILES.validate_python({**raw, "data": {**raw["data"], **other}})
    found = alert_of(event, ORIGIN)
    assert found is not None
    return found


def test_who_is_given_visits_is_told_how_many_until_when_and_by_what() -> None:
    told = given().data
    (message,) = (one for one in messages() if one.name == "回访任务")
    assert (told.message_type, told.urgency) == (message.name, message.urgency)
    assert list(told.facts.values()) == ["12个", "2026-12-31", "HF20260601-0123456789ab"]
    assert told.summary == "给您12个回访，2026-12-31前完成"
    assert given(batch=None).data.facts["批次"] == "人工指派"


async def test_the_person_who_is_given_visits_is_told_once_and_nobody_climbs() -> None:
    s = stage(known(member("m002"), manager="m001"))
    for _ in range(2):
        await s.teller.hear(given(staff_id="m002"), ORIGIN)
    assert s.ledger.told() == ["1 m002 wecom_app 1"]
    assert s.ledger.decisions == ["1 send addressee"]
    assert s.ledger.climbs == {}


async def test_whom_nobody_knows_is_waited_for_and_then_the_desk_hears_it() -> None:
    s = stage()
    await s.teller.hear(given(staff_id="m999"), ORIGIN)
    assert s.ledger.decisions == ["1 defer unknown-addressee"]


def test_a_report_alerts_nobody() -> None:
    raw = (GOLDEN / "report.ready.json").read_bytes()
    assert alert_of(PROFILES.validate_json(raw), ORIGIN) is None
