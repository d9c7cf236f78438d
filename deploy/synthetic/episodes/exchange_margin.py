"""交易所风险 — the exchange's margin against equity, at 100 %; lines and twins as in ``margin``.

The files have no exchange margin, so the settlement says nothing about these alerts.
"""

from deploy.synthetic.book import li, money, percent
from deploy.synthetic.episodes.margin import EQUITY, EXCHANGE, again, both, seen, story, told
from deploy.synthetic.script import Episode, Telling
from deploy.synthetic.stage import Stage


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about accounts that the exchange would close."""

    def of(name: str, about: str, steps: tuple[tuple[str, str], ...], *later: Telling) -> Episode:
        at, exchange = steps[0]
        ratio = percent(li(exchange) * 10_000 // li(EQUITY))
        first = told(EXCHANGE, ratio, (ratio, money(li(exchange))), at)
        reached = (first,) if li(exchange) >= li(EQUITY) else ()
        acts = tuple(seen(at, "120000.00", exchange) for at, exchange in steps)
        usual = both("120%", at)
        return story(name, about, acts, (*usual[:2], *reached, *later, *usual[2:]), "-20000.00")

    return (
        of("exchange-reached", "exactly 100 % of the exchange's", (("14:06:10", "100000.000"),)),
        of("exchange-missed", "one 厘 less of the exchange's", (("14:07:10", "99999.999"),)),
        of(
            "exchange-again",
            "105 %, exactly 95 %, 102 % of the exchange's: told again",
            (("10:16:10", "105000.00"), ("10:17:10", "95000.000"), ("10:34:10", "102000.00")),
            again(EXCHANGE, "102%", "10:34:10"),
        ),
        of(
            "exchange-not-again",
            "105 %, a 厘 over 95 %, 106 % of the exchange's: it has never lapsed",
            (("10:18:10", "105000.00"), ("10:19:10", "95000.001"), ("10:37:10", "106000.00")),
        ),
    )
