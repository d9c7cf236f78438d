"""Three KRaft brokers on loopback: replication factor 3, two replicas in sync or no write."""

import asyncio
import base64
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.embedded import jars, kafka, postgres, prerequisites, valkey
from deploy.embedded.ports import Ports
from deploy.embedded.program import Program, Recipe
from deploy.embedded.stack import Stores
from shared.streams.declare import declare

NODES = 3
HEAP = "-Xmx384m"
REPLICATED = {
    "min.insync.replicas": 2,
    "default.replication.factor": NODES,
    "offsets.topic.replication.factor": NODES,
    "transaction.state.log.replication.factor": NODES,
    "transaction.state.log.min.isr": 2,
    "share.coordinator.state.topic.replication.factor": NODES,
    "share.coordinator.state.topic.min.isr": 2,
    "replica.lag.time.max.ms": 5000,
}


@dataclass(frozen=True)
class Node:
    """One broker, which is one voter of the controllers too."""

    number: int
    broker: int
    controller: int


class Cluster(Stores):
    """Stores whose Kafka is three brokers; ``brokers`` by node id. Any one may be killed."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        super().__init__(folder, ports, fresh=True)
        spare = [Ports.free() for _ in range(NODES)]
        self.nodes = [Node(n, p.kafka, p.kafka_controller) for n, p in enumerate(spare, 1)]
        self.brokers: dict[int, Program] = {}

    @property
    def kafka(self) -> str:
        return ",".join(f"127.0.0.1:{node.broker}" for node in self.nodes)

    def _start(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        cluster = cluster.replace("-", "_")  # as an argument it must not begin with a dash
        self.brokers = {node.number: self._broker(node, cluster) for node in self.nodes}
        self.kafka_server = self.brokers[1]
        self.postgres_server = postgres.server(self.state, self.ports)
        self.valkey_server = valkey.server(self.state, self.ports)
        for server in (*self.brokers.values(), self.postgres_server, self.valkey_server):
            self.servers.append(server)
            server.start()
        for server in self.servers:
            server.wait_ready()
        with ThreadPoolExecutor(1) as outside_any_loop:
            outside_any_loop.submit(asyncio.run, declare(self.kafka, NODES)).result()

    def _broker(self, node: Node, cluster: str) -> Program:
        folder = self.state.path / f"kafka-{node.number}"
        java = prerequisites.java(prerequisites.this_host())
        classpath = ("-cp", str(jars.ensure() / "*"))
        quiet = f"-Dorg.slf4j.simpleLogger.logFile={self.state.logs / f'kafka-{node.number}.log'}"
        options = (HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", quiet)
        properties = folder / "server.properties"

        def prepare() -> None:
            if not folder.exists():
                folder.mkdir(mode=0o700)
                properties.write_text(self._properties(node, folder / "data"))
                tool = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties))
                subprocess.run([java, *classpath, *tool], check=True, capture_output=True)

        recipe = Recipe(
            name=f"kafka-{node.number}",
            argv=(java, *options, *classpath, "kafka.Kafka", str(properties)),
            log=self.state.logs / f"kafka-{node.number}.out",
            ready=lambda: kafka._answers(node.broker),
            prepare=prepare,
        )
        return Program(recipe, self.state.roster)

    def _properties(self, node: Node, data: Path) -> str:
        told = kafka.PROPERTIES.format(broker=node.broker, controller=node.controller, data=data)
        pairs = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        voters = ",".join(f"{n.number}@127.0.0.1:{n.controller}" for n in self.nodes)
        own = {"node.id": node.number, "controller.quorum.voters": voters, **REPLICATED}
        return "".join(f"{name}={value}\n" for name, value in {**pairs, **own}.items())


@dataclass(frozen=True)
class Replicas:
    """One partition's leader (node id; -1: none) and how many replicas are in sync."""

    leader: int
    in_sync: int


async def replicas(brokers: str, topic: str) -> dict[int, Replicas]:
    """Return how each partition of a topic stands; nothing while nobody answers."""
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers, request_timeout_ms=3000)
    try:
        await admin.start()
        (found,) = await admin.describe_topics([topic])
    except (KafkaError, OSError):
        return {}
    finally:
        await admin.close()
    return {p["partition"]: Replicas(p["leader"], len(p["isr"])) for p in found["partitions"]}
