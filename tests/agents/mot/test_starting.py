"""Where a partition goes on from: a first start, lost state, a rollback and a lost log apart."""

from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from services.mot.adapters.checkpoint import Taken
from services.mot.partition import Burials, Log
from services.mot.worker import LogLost, StateLost, begin

NEW = Taken("1", None, "", None, Burials(), {})
AT_99 = replace(NEW, watermark=99)


def rollbacks() -> float:
    return REGISTRY.get_sample_value("mot_rollbacks_total") or 0.0


def test_a_first_start_begins_where_the_log_does() -> None:
    assert begin(3, NEW, Log(begin=0, end=50, commit=None)) == -1
    assert begin(3, NEW, Log(begin=40, end=50, commit=None)) == 39


def test_a_commit_without_a_state_is_refused_with_the_remedy() -> None:
    with pytest.raises(StateLost, match="rebuild"):
        begin(3, NEW, Log(begin=0, end=50, commit=20))


def test_a_restart_goes_on_behind_its_watermark() -> None:
    before = rollbacks()
    assert begin(3, AT_99, Log(begin=0, end=500, commit=100)) == 99
    assert begin(3, AT_99, Log(begin=0, end=500, commit=60)) == 99  # the commit comes later
    assert begin(3, AT_99, Log(begin=0, end=500, commit=None)) == 99  # Kafka forgot an old group
    assert begin(3, AT_99, Log(begin=100, end=100, commit=100)) == 99
    assert rollbacks() == before


def test_a_watermark_behind_the_commit_is_a_rollback_counted_and_read_again() -> None:
    before = rollbacks()
    assert begin(3, AT_99, Log(begin=0, end=500, commit=140)) == 99
    assert rollbacks() == before + 1


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (Log(begin=120, end=500, commit=100), "deleted 100 to 119"),
        (Log(begin=0, end=80, commit=100), "ends at 80"),
    ],
    ids=["deleted before it was read", "cut or made anew"],
)
def test_a_log_without_what_comes_next_is_refused_with_the_remedy(log: Log, said: str) -> None:
    with pytest.raises(LogLost, match=said) as refused:
        begin(3, AT_99, log)
    assert "rebuild" in str(refused.value)
