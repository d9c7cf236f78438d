"""Every kind of poison is refused by the reader, and its letter fits where the record might not."""

import pytest

from services.mot.domain.reading import Unreadable, read
from shared.contracts.topics import ACCOUNT
from shared.streams.deadletters import LONGEST, letter
from tests.fault.poison import HUGE, KINDS, poisoned
from tests.fault.workload import Workload


@pytest.mark.parametrize("kind", KINDS)
def test_no_poison_is_an_event(kind: str) -> None:
    work = Workload(1)
    poison = poisoned(kind, work, work.accounts[0])
    with pytest.raises(Unreadable):
        read(poison.key, poison.value)


def test_what_the_poison_is_made_of_is_an_event() -> None:
    work = Workload(1)
    (record,) = work.tell(
        work.accounts[0], "funds.deposited", amount="1", happened_at=work.moment, serial="s"
    )
    assert read(record.key, record.value) is not None


def test_a_letter_of_something_huge_keeps_its_beginning_and_says_so() -> None:
    made = letter(ACCOUNT.name, b"k", b"x" * HUGE, {"reason": "too long"})
    assert made.value == b"x" * LONGEST
    assert dict(made.headers)["value-bytes"] == str(HUGE).encode()


def test_a_letter_of_anything_else_is_as_it_came() -> None:
    made = letter(ACCOUNT.name, b"k", b"garbage", {"reason": "no JSON"})
    assert made.value == b"garbage"
    assert [name for name, _ in made.headers] == ["reason"]
