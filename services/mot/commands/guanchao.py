"""The commands of mot: ``replay``, ``mot rules``, ``mot rebuild``, ``mot why``."""

from typing import Annotated

import typer

from services.mot.commands import rules
from services.mot.commands.asking import explain
from services.mot.commands.console import CONSOLE, kafka_at, run, valkey_at
from services.mot.commands.publishing import rulebook
from services.mot.commands.rebuilding import rebuild as rebuild_state
from services.mot.commands.replaying import Verdict, from_log, from_passport, revisions, shown
from services.mot.version import code_version
from shared.settings import KafkaSettings

DIFFERENT = 1

app = typer.Typer(no_args_is_help=True, help="盯盘：规则、重建、为什么 · mot: rules, rebuild, why")
app.add_typer(rules.app, name="rules")
Brokers = rules.Brokers
Valkey = Annotated[
    str | None,
    typer.Option("--valkey", envvar="MOT_VALKEY__URL", help="Valkey 地址 · redis://host:port/0"),
]
AlertId = Annotated[
    str, typer.Argument(help="alert_id，或消息里的 8 位编号 · or the message's code")
]
FromLog = Annotated[
    bool, typer.Option("--from-log", help="从日志重算账户状态 · fold the account's log again")
]
Account = Annotated[str, typer.Argument(help="期货公司:资金账号 · broker:account")]
Rule = Annotated[str, typer.Argument(help="规则名，见 mot rules list · the rule's name")]


def replay(alert_id: AlertId, from_log: FromLog = False, brokers: Brokers = None) -> None:
    """重算一条提醒，逐字节比对 · derive an alert again and compare it byte for byte.

    缺省只用提醒自带的护照；--from-log 从日志重算账户状态。退出码：0 一致，1 有不同，2 做不了。

    From its passport alone, or with --from-log from the account's log. Exit code: 0 identical,
    1 something differs, 2 it cannot be done.
    """
    raise typer.Exit(run(lambda: _replay(kafka_at(brokers), alert_id, from_log)))


@app.command()
def rebuild(brokers: Brokers = None, valkey: Valkey = None) -> None:
    """Valkey 丢了：从快照和日志重建，不重复提醒 · rebuild Valkey from states and the log.

    先停掉全部 mot。到 Kafka 的提交为止不出声；然后启动 mot，从那里接着提醒。

    Stop every mot first. Silent up to Kafka's commit; start mot then, and it goes on from there.
    """
    run(lambda: rebuild_state(kafka_at(brokers), valkey_at(valkey)))


@app.command()
def why(account: Account, rule: Rule, brokers: Brokers = None, valkey: Valkey = None) -> None:
    """这个账户此刻为什么提醒、为什么没有 · why this rule has, or has not, alerted this account.

    每个条件：账户的数、线、到没到；已经说过什么。读 Valkey 里此刻的状态，什么也不改。

    Each condition with the account's figure and the line, and what was said. It only reads.
    """
    run(lambda: explain(kafka_at(brokers), valkey_at(valkey), account, rule))


async def _replay(kafka: KafkaSettings, asked: str, log: bool) -> int:
    found = await revisions(kafka, asked)
    book, _ = await rulebook(kafka if log else None)
    verdicts = [
        await from_log(kafka, one, book) if log else from_passport(one, book) for one in found
    ]
    first = verdicts[0].revision.event
    typer.echo(f"{first.data.alert_id}  {first.data.rule}  {first.subject}")
    for verdict in verdicts:
        _tell(verdict)
    return 0 if all(verdict.same for verdict in verdicts) else DIFFERENT


def _tell(verdict: Verdict) -> None:
    event, code = verdict.revision.event, verdict.revision.code
    head = f"  {event.data.revision}  {event.type}  {event.data.trading_day}"
    if verdict.same:
        typer.echo(f"{head}  ✓ 一致 · identical")
        return
    typer.echo(f"{head}  ✗ {verdict.why or '不同 · differs'}")
    for field, recorded, derived in verdict.found:
        typer.echo(f"       {field}: {shown(recorded)} → {shown(derived)}")
    if not verdict.found and not verdict.why:
        typer.echo("       内容相同，只有写法不同 · the same content, written differently")
    if code and code != code_version():
        CONSOLE.print(f"       当时的代码 said by code {code}，现在 now {code_version()}")
