"""What is the same for commands that look into Kafka: where it is, and text made safe to print."""

from typing import Annotated

import typer

from shared.console import Refused
from shared.settings import KafkaSettings

Brokers = Annotated[
    str | None,
    typer.Option(
        "--brokers",
        envvar=["INGEST_KAFKA__BROKERS", "MOT_KAFKA__BROKERS"],
        show_envvar=False,
        help="Kafka 地址 主机:端口 · host:port（INGEST_KAFKA__BROKERS）",
    ),
]


def kafka_at(brokers: str | None) -> KafkaSettings:
    """Return where Kafka is: the flag, else the environment."""
    if not brokers:
        raise Refused(
            "不知道 Kafka 在哪：加 --brokers 主机:端口，或设 INGEST_KAFKA__BROKERS，或先 make run",
            "where is Kafka? --brokers host:port, INGEST_KAFKA__BROKERS, or make run",
        )
    return KafkaSettings(brokers=brokers)


def printed(text: str) -> str:
    r"""Return text that cannot command the terminal: what is not printable is spelled out.

    >>> printed("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    shown = (c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
    return "".join(shown)
