"""A campaign goes on where it stopped, adds up, and begins anew once complete or failed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fault.campaign import Campaign, failed


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return Campaign(tmp_path / "K1" / "results.jsonl", "K1", kills=300, seed=7)


def run(kills: int, **figures: Any) -> dict[str, Any]:
    return {"expected": 10, "delivered": 10, "lost": 0, "kills": kills, "complaints": [], **figures}


def test_runs_add_up_with_their_seeds(campaign: Campaign) -> None:
    campaign.note(run(120, slowest_s=4.0), seed=7, first=True)
    campaign.note(run(60, slowest_s=3.0), seed=8, first=False)
    line = campaign.line()
    assert (line["row"], line["kills"], line["expected"], line["seeds"]) == ("K1", 180, 20, [7, 8])
    assert line["slowest_s"] == 4.0
    assert sum(found["kills"] for found in campaign.open_runs()) == 180


def test_the_rule_of_three_bounds_what_was_not_seen(campaign: Campaign) -> None:
    campaign.note(run(300), seed=7, first=True)
    assert campaign.line()["at_most_95"] == 0.01


def test_a_complete_campaign_is_not_gone_on_with(campaign: Campaign) -> None:
    campaign.note(run(300), seed=7, first=True)
    assert campaign.open_runs() == []
    campaign.note(run(10), seed=7, first=True)
    assert campaign.line()["kills"] == 10
    assert campaign.line()["kills_ever"] == 310


@pytest.mark.parametrize("defect", [{"lost": 1}, {"complaints": ["nothing was left to do"]}])
def test_a_failed_campaign_says_so_and_has_no_bound(
    campaign: Campaign, defect: dict[str, Any]
) -> None:
    campaign.note(run(10, **defect), seed=7, first=True)
    line = campaign.line()
    assert failed(line)
    assert "at_most_95" not in line
    assert line["failed_ever"] == 1
    assert campaign.open_runs() == []


def test_campaigns_of_another_size_seed_or_code_are_apart(campaign: Campaign) -> None:
    replace(campaign, code="of yesterday").note(run(20), seed=7, first=True)
    Campaign(campaign.file, "K1", kills=50, seed=7).note(run(20), seed=7, first=True)
    assert campaign.runs() == []
    assert campaign.line()["kills_ever"] == 40
