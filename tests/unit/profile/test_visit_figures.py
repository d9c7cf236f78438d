"""What the rules are judged by, out of a row of the tables."""

from datetime import date

from services.profile.adapters.visit_figures import figures_of
from services.profile.visit_book import read_visits
from shared.contracts.customers import CONTEXTS
from tests.kit.profile import CIPHER

BOOK, DAY = read_visits(), date(2026, 11, 20)


def test_the_client_s_own_fields_come_before_tags_and_those_before_the_card() -> None:
    def figures(**told: object) -> tuple[object, ...]:
        blank = dict.fromkeys(("sealed_birthday", "sealed_id_card", "occupation", "income_source"))
        row = {"customer_id": "c1", "kind": "person", "opened_on": None, "loss": None, "base": None}
        made = figures_of({**row, **blank, "tags": {}, "risky": None, **told}, BOOK, DAY, CIPHER)
        return made.birthday, made.occupation, made.income

    card = {"sealed_id_card": CIPHER.seal("11010119560229001X", CONTEXTS["sealed_id_card"])}
    tags = {"tags": {"生日": "1950-01-01", "职业": "教师", "收入来源": "工资"}}
    own = {
        "sealed_birthday": CIPHER.seal("1945-08-15", CONTEXTS["sealed_birthday"]),
        "occupation": "无业",
        "income_source": "社保",
    }
    assert figures(**card) == (date(1956, 2, 29), None, None)
    assert figures(**card, **tags) == (date(1950, 1, 1), "教师", "工资")
    assert figures(**card, **tags, **own) == (date(1945, 8, 15), "无业", "社保")
    assert figures(**{**own, "sealed_birthday": "k9.unknown"}) == (None, "无业", "社保")
    assert figures(kind="company", **own)[0] is None
