"""Apache Kafka 4.1, one KRaft node, as a plain Java process."""

import asyncio
import base64
import contextlib
import logging
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.embedded import jars, prerequisites
from deploy.embedded.ports import Ports, busy
from deploy.embedded.program import Program, Recipe
from deploy.embedded.refusal import Refusal
from deploy.embedded.state import StateFolder

HEAP = "-Xmx512m"
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
# after a kill -9 the next start waits for the old registration to expire
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
# an idle group must outlive the longest holiday: 90 days
offsets.retention.minutes=129600
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""


def server(state: StateFolder, ports: Ports) -> Program:
    """Return the broker of a state folder; its first start formats the storage."""
    folder = state.path / "kafka"
    java = prerequisites.java(prerequisites.this_host())
    classpath = str(jars.ensure() / "*")
    quiet = f"-Dorg.slf4j.simpleLogger.logFile={state.logs / 'kafka.log'}"
    options = (HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", quiet)
    command = (java, *options, "-cp", classpath)

    def prepare() -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not (folder / "data").exists():
            _format(folder, (java, "-cp", classpath), ports)
        _write_properties(folder / "server.properties", folder / "data", ports)

    return Program(
        Recipe(
            name="kafka",
            argv=(*command, "kafka.Kafka", str(folder / "server.properties")),
            log=state.logs / "kafka.out",
            ready=lambda: _answers(ports.kafka),
            prepare=prepare,
        ),
        state.roster,
    )


def _write_properties(file: Path, data: Path, ports: Ports) -> None:
    file.write_text(
        PROPERTIES.format(broker=ports.kafka, controller=ports.kafka_controller, data=data)
    )


def _format(folder: Path, command: tuple[str, ...], ports: Ports) -> None:
    """Format beside and rename, so that a half-formatted storage is never started."""
    draft, properties = folder / "data.new", folder / "format.properties"
    shutil.rmtree(draft, ignore_errors=True)
    _write_properties(properties, draft, ports)
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    cluster = cluster.replace("-", "_")  # as an argument it must not begin with a dash
    done = subprocess.run(  # noqa: S603 our own command
        [*command, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Refusal(
            f"Kafka 存储格式化失败：{said[-1] if said else done.returncode}",
            "Kafka's storage could not be formatted",
        )
    os.replace(draft, folder / "data")


def _answers(port: int) -> bool:
    """Ask for the cluster over the protocol: an open port alone does not mean a broker."""
    if not busy(port):
        return False
    with _quiet(logging.getLogger("aiokafka")), ThreadPoolExecutor(1) as outside_any_loop:
        return outside_any_loop.submit(asyncio.run, _described(f"127.0.0.1:{port}")).result()


@contextlib.contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """While we knock, that nobody opens is no error."""
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


async def _described(brokers: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers, request_timeout_ms=2000)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except KafkaError:
        return False
    finally:
        await admin.close()
