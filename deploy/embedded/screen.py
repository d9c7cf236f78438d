"""屏幕: what a person reads while the stack runs."""

from types import MappingProxyType
from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores
from shared.kernel.masking import Email, Phone

CHANNELS = {
    "wecom": "企业微信",
    "sms": "短信",
    "tencent": "短信（腾讯云）",
    "voice": "电话",
    "wecom-robot": "企业微信群",
    "dingtalk": "钉钉群",
    "feishu": "飞书群",
    "push": "App",
    "mail": "邮件",
}
STYLES = {"wecom": "green", "sms": "cyan"}
WIDTH = 76


class Screen:
    """Standard output. ``brief``: of messages with one title, the first is a card, the rest lines.

    An entry is what the gateway's journal says of one message to one person.
    """

    def __init__(self, brief: bool = False) -> None:
        self._console = Console(highlight=False)
        self._brief = brief
        self._shown: set[tuple[str, str]] = set()

    def say(self, line: str) -> None:
        """Print one plain line."""
        self._console.out(line, highlight=False)

    def message(self, entry: dict[str, Any]) -> None:
        """Print a message that reached a person."""
        kind = (entry["channel"], entry["title"])
        if self._brief and kind in self._shown:
            self.say(f"  {head(entry)} · {entry['title']} · {client(entry)}")
        else:
            self._shown.add(kind)
            self._card(entry)

    def _card(self, entry: dict[str, Any]) -> None:
        panel = Panel(
            Text(body(entry)),
            title=Text(head(entry)),
            title_align="left",
            border_style=STYLES.get(entry["channel"], "white"),
            box=box.ROUNDED,
            width=WIDTH,
        )
        self._console.print(panel)

    def stack_is_up(self, chain: Chain) -> None:
        """Print the box with the addresses."""
        rows = [
            ("消息 Messages", f"{chain.url('sandbox')}/"),
            ("通道 Channels", "make tour：每个通道一条 · one message by each"),
            ("接入 ingest", f"{chain.url('ingest')}/v1/events"),
            ("文件 Drop files", str(chain.drop)),
            ("识别 mot", f"{chain.url('mot')}/metrics"),
            ("触达 notify", f"{chain.url('notify')}/docs"),
            ("客户 profile", f"{chain.url('profile')}/v1/clients"),
            *store_rows(chain.stores),
        ]
        self._box("观潮 Guanchao 已启动 · is up", rows)

    def stores_are_up(self, stores: Stores) -> None:
        """Print the box of the stores alone."""
        self._box("存储已启动 · the stores are up", store_rows(stores))

    def _box(self, title: str, rows: list[tuple[str, str]]) -> None:
        grid = Table.grid(padding=(0, 2))
        for name, value in rows:
            grid.add_row(Text(name, style="bold"), Text(value, overflow="fold"))
        foot = "Ctrl-C 停止，状态保留 · stops everything, state is kept"
        self._console.print(
            Panel(grid, title=title, subtitle=foot, border_style="blue", box=box.ROUNDED)
        )


def store_rows(stores: Stores) -> list[tuple[str, str]]:
    """Return the addresses of the stores, without the password."""
    state = stores.state
    return [
        ("Kafka", stores.kafka),
        ("PostgreSQL", f"127.0.0.1:{stores.ports.postgres}/guanchao · 密码 password: secrets.json"),
        ("Valkey", stores.valkey_url),
        ("状态 State", str(state.path)),
        ("日志 Logs", str(state.logs)),
    ]


def receiver(to: str) -> str:
    """Show a staff id as it is, a phone without its middle, an address without most of its name.

    >>> receiver("m001"), receiver("13812345678")
    ('m001', '138****5678')
    """
    if "@" in to:
        return str(Email(to))
    return str(Phone(to)) if to.isdigit() else to


def head(entry: dict[str, Any]) -> str:
    """Say by which channel, to whom and when."""
    channel = entry["channel"]
    return f"{CHANNELS.get(channel, channel)} → {receiver(entry['to'])} · {entry['at'][:19]}"


def client(entry: dict[str, Any]) -> str:
    """Return the client's line of a card, else the whole text."""
    return str(_card_part(entry, "main_title").get("desc") or entry["text"])


def body(entry: dict[str, Any]) -> str:
    """Return what the receiver reads, the title once and the buttons in one line."""
    title, text = entry.get("title") or "", entry.get("text") or ""
    buttons = [link["title"] for link in _card_part(entry, "jump_list", [])]
    lines = [line for line in text.splitlines() if line not in buttons]
    shown = [*([] if title in text else [title]), *lines]
    if buttons:
        shown.append(" ".join(f"〔{button}〕" for button in buttons))
    return "\n".join(shown)


def _card_part(entry: dict[str, Any], name: str, absent: Any = MappingProxyType({})) -> Any:
    return entry.get("request", {}).get("template_card", {}).get(name, absent)
