"""The directory files: headers, encodings, what is personal, what is refused."""

from datetime import date
from typing import Any

import pytest

from services.ingest.domain.clients import Client, merge
from services.ingest.domain.handover import Roster
from services.ingest.domain.person import ClientName
from services.ingest.domain.rows import BadRow, Reading, Unreadable
from services.ingest.domain.source import Context, Tabular
from services.ingest.domain.sources.agreements import AgreementRow
from services.ingest.domain.sources.agreements import source as agreements
from services.ingest.domain.sources.baselines import source as baselines
from services.ingest.domain.sources.relations import RelationRow
from services.ingest.domain.sources.relations import source as relations
from services.ingest.domain.sources.staff import source as staff
from shared.contracts.customers import Relation
from shared.kernel.masking import Birthday
from shared.kernel.trading_day import china

CONTEXT = Context(china(), None)
HEADER = "account,customer_id,customer_name,customer_type,manager_id"


def parse(source: Tabular[Any], text: str, encoding: str = "utf-8") -> Reading[Any]:
    return source.parse(text.encode(encoding), CONTEXT)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_relations_are_read_in_either_encoding(encoding: str) -> None:
    reading = parse(relations, f"{HEADER}\n80000001,c1,张小明,自然人,m001\n", encoding)
    row = reading.good[0].row
    assert (row.name.reveal(), row.relation.manager_id) == ("张小明", "m001")


def test_a_clients_name_is_never_printed_in_clear() -> None:
    row = parse(relations, f"{HEADER}\n80000001,c1,张小明,自然人,m001").good[0].row
    assert "张小明" not in repr(row)
    assert str(row.name) == "张**"


def test_unknown_columns_become_tags_and_personal_ones_are_masked() -> None:
    text = f"{HEADER},等级,手机,\n1,c1,张三,自然人,,金,13812345678,\n"
    assert parse(relations, text).good[0].row.tags == {"等级": "金", "手机": "138****5678"}


def test_an_undecodable_line_is_bad_and_its_neighbours_good() -> None:
    data = f"{HEADER}\n1,c1,张三,自然人,\n".encode("gb18030") + b"2,c2,\xff\xff,x,\n3,c3,x,y,\n"
    reading = relations.parse(data, CONTEXT)
    assert [good.line for good in reading.good] == [2, 4]
    assert [(bad.line, bad.reason) for bad in reading.bad] == [
        (3, "line: neither UTF-8 nor GB18030")
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("account,customer_id\n", "the header lacks customer_name, customer_type"),
        (f"{HEADER},account\n", "the header has account twice"),
    ],
)
def test_a_file_without_a_usable_header_cannot_be_taken(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        parse(relations, text)


def test_an_undecodable_header_cannot_be_taken() -> None:
    with pytest.raises(Unreadable, match="neither UTF-8 nor GB18030"):
        relations.parse(b"account,\xff\xff\n", CONTEXT)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,c1,,自然人,", "customer_name: 1 to 80 characters expected"),
        ("1,c 1,张三,自然人,", "customer_id: not a code (letters, digits, _ . -, ≤ 32)"),
        (",c1,张三,自然人,", "account: missing"),
        ("1,c1,张三,自然人,m1,surplus", "line: 6 cells under 5 columns"),
        ('1,c1,"张三,自然人,', "line: not CSV: a quote is not closed on its line"),
        ("1,c1,张三,自然人,m 1", "manager_id: not a code (letters, digits, _ . -, ≤ 32)"),
    ],
)
def test_a_bad_relation_says_where(row: str, reason: str) -> None:
    assert parse(relations, f"{HEADER}\n{row}\n").bad[0].reason == reason


def test_a_bad_day_of_a_relation_or_a_leaver_is_not_quoted() -> None:
    since = parse(relations, f"{HEADER},since\n1,c1,张三,自然人,,13812345678\n").bad[0]
    left = parse(staff, "staff_id,name,role,left_on\nm1,王,manager,13812345678\n").bad[0]
    assert (since.reason, left.reason) == ("since: not a date", "left_on: not a date")


STAFF = "staff_id,name,role,mobile,email,duty_hours"


def test_staff_contacts_are_masked_types() -> None:
    row = parse(staff, f"{STAFF}\nm001,王大明,manager,13812345678,w@x.cn,08:30-17:00").good[0].row
    assert (row.display_name, str(row.mobile)) == ("王**", "138****5678")
    assert "13812345678" not in repr(row)
    assert "w@x.cn" not in repr(row)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("m001,王,manager,1381234567,,", "mobile: not a mobile number of 11 digits"),
        ("m001,王,manager,23812345678,,", "mobile: not a mobile number of 11 digits"),
        ("m001,王,manager,,nobody,", "email: not a mail address"),
        ("m001,王,manager,,,8-17", "duty_hours: not HH:MM-HH:MM"),
        ("m001,王,manager,,,24:00-25:00", "duty_hours: not HH:MM-HH:MM"),
        ("m001,,manager,,,", "name: missing"),
        ("m001,王,,,,", "role: missing"),
    ],
)
def test_a_bad_person_says_where_and_quotes_nothing(row: str, reason: str) -> None:
    assert parse(staff, f"{STAFF}\n{row}\n").bad[0].reason == reason


def test_baselines_are_dates() -> None:
    text = "account,opened_on,last_trade_on,last_position_on\n1,2020/1/5,20250601,"
    row = parse(baselines, text).good[0].row
    assert (row.opened_on, row.last_trade_on) == (date(2020, 1, 5), date(2025, 6, 1))
    assert (row.last_position_on, bool(row.person)) == (None, False)


def test_a_baseline_says_how_old_its_person_is_and_what_they_live_on() -> None:
    head = "account,opened_on,birthday,occupation,income_source"
    row = parse(baselines, f"{head}\n1,2020/1/5,1950/2/28,无业,依靠积蓄").good[0].row
    assert row.person.birthday == Birthday("1950-02-28")
    assert (row.person.occupation, row.person.income_source) == ("无业", "依靠积蓄")
    assert "02-28" not in repr(row)
    bad = parse(baselines, f"{head}\n1,2020/1/5,1950-02-30,,\n2,2020/1/5,,{'x' * 81},").bad
    assert [one.reason for one in bad] == [
        "birthday: not a date",
        "occupation: 0 to 80 characters expected",
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,,", "opened_on: missing"),
        ("1,2020-1,", "opened_on: not a date: '2020-1'"),
        ("1,2020111,", "opened_on: not a date: '2020111'"),
        ("1,2020-01-05,2019-01-01", "last_trade_on: before opened_on"),
    ],
)
def test_a_bad_baseline_says_where(row: str, reason: str) -> None:
    reading = parse(baselines, f"account,opened_on,last_trade_on\n{row}\n")
    assert reading.bad[0].reason == reason


def relation(account: str, customer: str, manager: str | None = "m1", **tags: str) -> RelationRow:
    told = Relation(account=account, manager_id=manager)
    return RelationRow(customer, ClientName("张三"), "自然人", told, tags)


def known(*rows: RelationRow) -> tuple[dict[str, Client], dict[str, str]]:
    clients = {client.customer_id: client for client in merge({}, {}, rows, Roster())}
    owners = {r.account: c.customer_id for c in clients.values() for r in c.relations}
    return clients, owners


def test_a_client_is_told_whole_with_all_accounts() -> None:
    clients, owners = known(relation("2", "c1"), relation("1", "c1"))
    [changed] = merge(clients, owners, [relation("2", "c1", "m2")], Roster())
    assert [(r.account, r.manager_id) for r in changed.relations] == [("1", "m1"), ("2", "m2")]


def test_a_client_that_stays_the_same_is_not_told() -> None:
    clients, owners = known(relation("1", "c1", grade="gold"))
    assert merge(clients, owners, [relation("1", "c1")], Roster()) == []


def test_an_account_that_goes_to_another_client_changes_both() -> None:
    clients, owners = known(relation("1", "c1"), relation("2", "c1"))
    changed = merge(clients, owners, [relation("2", "c2")], Roster())
    held = {c.customer_id: [r.account for r in c.relations] for c in changed}
    assert held == {"c1": ["1"], "c2": ["2"]}


def test_an_empty_manager_takes_the_manager_away() -> None:
    clients, owners = known(relation("1", "c1"))
    [changed] = merge(clients, owners, [relation("1", "c1", None)], Roster())
    assert changed.relations[0].manager_id is None


def test_an_overlong_tag_is_refused() -> None:
    reading = parse(relations, f"{HEADER},note\n1,c1,张三,自然人,,{'x' * 201}\n")
    assert reading.bad[0].reason == "note: a tag's value is at most 200 characters"
    assert isinstance(BadRow("note", ""), ValueError)


def test_a_baseline_may_tell_what_ends_when() -> None:
    header = "account,opened_on,risk_level,risk_level_until,certificate_until\n"
    full = parse(baselines, f"{header}1,2020-01-06,C4,2026-06-30,20310101\n").good[0].row
    assert (full.risk_level, full.risk_level_until) == ("C4", date(2026, 6, 30))
    assert full.certificate_until == date(2031, 1, 1)
    bare = parse(baselines, f"{header}1,2020-01-06,,,\n").good[0].row
    assert (bare.risk_level, bare.risk_level_until, bare.certificate_until) == (None, None, None)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("C5" * 6 + ",,", "risk_level: at most 10 characters"),
        ("C4,2026-02-30,", "risk_level_until: not a date: '2026-02-30'"),
        ("C4,,soon", "certificate_until: not a date: 'soon'"),
    ],
)
def test_a_bad_end_in_a_baseline_says_where(cells: str, reason: str) -> None:
    header = "account,opened_on,risk_level,risk_level_until,certificate_until\n"
    assert parse(baselines, f"{header}1,2020-01-06,{cells}\n").bad[0].reason == reason


AGREEMENTS = "account,kind,starts_on,ends_on,note\n"


def test_an_agreement_may_have_no_first_or_last_day() -> None:
    text = f"{AGREEMENTS}1,交返,2025-07-01,2026-06-30,季度\n2,利返,,,\n"
    rows = [good.row for good in parse(agreements, text).good]
    assert rows == [
        AgreementRow("1", "交返", date(2025, 7, 1), date(2026, 6, 30), "季度"),
        AgreementRow("2", "利返", None, None, ""),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,,,2026-06-30,", "kind: 1 to 40 printable characters expected"),
        (f"1,{'交' * 41},,,", "kind: 1 to 40 printable characters expected"),
        ("1,交返,2026-07-01,2026-06-30,", "ends_on: before starts_on"),
        ("1,交返,,2026-06-31,", "ends_on: not a date: '2026-06-31'"),
        (f"1,交返,,,{'长' * 201}", "note: at most 200 characters"),
        (",交返,,,", "account: missing"),
    ],
)
def test_a_bad_agreement_says_where(row: str, reason: str) -> None:
    assert parse(agreements, f"{AGREEMENTS}{row}\n").bad[0].reason == reason
