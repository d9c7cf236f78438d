"""平铺 — a notification as lines of text that no form takes for a link or a mark."""

from services.notify.domain.channel import Notification, titled

TITLE = 64
PLAIN = str.maketrans("<>[]()*`_#\r\n", "＜＞［］（）＊｀＿＃  ")


def lines(said: Notification) -> tuple[str, ...]:
    """Return the title, whom it concerns, the facts one a line, and what to do."""
    who = f"{said.client} · 账户{said.account}" if said.account else said.client
    facts = (f"{name}：{value}" for name, value in said.facts)
    shown = (titled(said, TITLE), who, *facts, f"{said.summary}。{said.action}")
    return tuple(line.translate(PLAIN) for line in shown)
