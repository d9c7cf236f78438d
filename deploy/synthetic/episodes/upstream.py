"""接入 — what a source does wrong or late, and what must come of it."""

from deploy.synthetic.episodes.large_withdrawal import told
from deploy.synthetic.script import Again, Broken, Deposit, Episode, Withdraw
from deploy.synthetic.stage import Stage


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about repeats, strangers and nonsense."""
    return (
        Episode(
            "stranger",
            "nobody knows the client: the risk desk hears, and no equity is known",
            opening=None,
            known=False,
            acts=(Deposit("21:16", "1000000.00"), Withdraw("21:26", "600000.00")),
            told=(told("60万元", "600,000.00元", "未知"),),
        ),
        Episode(
            "posted-twice",
            "the same event again, at once and hours later, is no second withdrawal",
            acts=(
                Withdraw("21:28", "300000.00"),
                Again("21:29", of="21:28"),
                Again("13:35", of="21:28"),
            ),
        ),
        Episode(
            "told-once",
            "the event that reached the line again: nothing more to tell",
            acts=(Withdraw("21:30", "520000.00"), Again("14:15", of="21:30")),
            told=(told("52万元", "520,000.00元", "900,000.00元", at="21:30"),),
        ),
        *(
            Episode(
                f"refused-{flaw}",
                f"an event with {flaw} is refused, and nothing else with it",
                acts=(Withdraw("10:33", "1000.00"), Broken("10:34", flaw)),
            )
            for flaw in ("a-float-amount", "not-a-number", "an-impossible-day", "no-identity")
        ),
    )
