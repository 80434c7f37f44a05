"""One Apache Kafka on this machine, for development and tests: where its jars are, how it is started and asked.

A single node in KRaft mode: broker and controller in one process, listening on 127.0.0.1 only. It is as durable as one
node can be against kill -9 (what it has acknowledged lies in the operating system's file cache); only several nodes are
safe against a machine that loses power. Production runs a Kafka of its own.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from typing import Final

from services.runtime.kafka_client import AWAY, LARGEST_BYTES, admin

LIBS_VARIABLE: Final = "DATELINE_KAFKA_LIBS"
"""Environment variable that names the folder of Kafka's jars."""

DEFAULT_LIBS: Final = Path(__file__).resolve().parents[2] / ".kafka" / "libs"
JAVA_LEAST: Final = 17
"""Kafka 4 brokers need Java 17 (https://kafka.apache.org/41/getting-started/compatibility/)."""

HEAP: Final = "512m"
INTERNAL_PARTITIONS: Final = 10
"""Partitions of the offsets and transactions topics; 50 by default, each with files and memory of its own."""

FORMAT_S: Final = 120.0


class BrokerMissingError(Exception):
    """Java or Kafka's jars are missing, or the storage could not be made; the text says what to do."""


def find_libs() -> Path:
    """Return the folder of Kafka's jars. Raises BrokerMissingError."""
    named = os.environ.get(LIBS_VARIABLE)
    libs = Path(named) if named else DEFAULT_LIBS
    if next(libs.glob("kafka_2.13-*.jar"), None) is None:
        advice = f"correct or unset {LIBS_VARIABLE}" if named else "run `make kafka-jars`"
        raise BrokerMissingError(f"Kafka's jars are not in {libs}: install Java {JAVA_LEAST}+ and {advice}.")
    return libs


def find_java() -> str:
    """Return the path of Java: JAVA_HOME's, or else that on the path. Raises BrokerMissingError."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")
    advice = f"install Java {JAVA_LEAST}+ (Debian: apt-get install openjdk-17-jre-headless) and run `make kafka-jars`"
    if program is None:
        where = f"JAVA_HOME={home} has no bin/java: correct or unset it, or" if home else "No Java was found:"
        raise BrokerMissingError(f"{where} {advice}.")
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise BrokerMissingError(f"{program} cannot be run ({error}): {advice}.") from error
    if (version := java_version(said)) < JAVA_LEAST:
        raise BrokerMissingError(f"{program} is Java {version}, too old for Kafka 4: {advice}.")
    return program


def java_version(said: str) -> int:
    """Return the feature release that `java -version` tells ('openjdk version "17.0.15"' → 17); 0 if it tells none."""
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found.group(1)) if found else 0


def server_command(data: Path, port: int, controller_port: int) -> list[str]:
    """Return the command that starts the broker of a data folder. Makes what it needs there, once its storage.

    Raises BrokerMissingError.
    """
    java, libs = find_java(), find_libs()
    folder = data.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    config, logging = folder / "server.properties", folder / "log4j2.properties"
    config.write_text(_properties(server_properties(folder, port, controller_port)))
    logging.write_text(_properties(LOGGING))
    start = [java, f"-Dlog4j2.configurationFile={logging}", "-cp", f"{libs}/*"]
    if not (folder / "log" / "meta.properties").exists():
        _format(start, config, folder)
    # One machine shares its cores with the services: the serial collector does with one thread.
    tuning = [f"-Xmx{HEAP}", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true"]
    return [java, *tuning, *start[1:], "kafka.Kafka", str(config)]


def _format(start: list[str], config: Path, folder: Path) -> None:
    """Make the storage folder with Kafka's own tool."""
    # One in 64 of such names begins with a dash, which the tool takes for an option unless it is joined to its own.
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = [*start, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(config)]
    try:
        subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_S, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        said = f"{getattr(error, 'stdout', '') or ''}\n{getattr(error, 'stderr', '') or ''}".strip() or str(error)
        raise BrokerMissingError(
            f"Kafka's storage in {folder} could not be made. Its storage tool says: {said[-1000:]} "
            "Mend that, or remove the folder if nothing in it is wanted."
        ) from error


def server_properties(folder: Path, port: int, controller_port: int) -> dict[str, str]:
    """Return the broker's settings (https://kafka.apache.org/41/configuration/broker-configs/)."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        # A fixed voter, not a dynamic one: its port may change between two starts.
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(folder / "log"),
        "auto.create.topics.enable": "false",
        "default.replication.factor": "1",
        "min.insync.replicas": "1",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": str(INTERNAL_PARTITIONS),
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": str(INTERNAL_PARTITIONS),
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "500",
        "message.max.bytes": str(LARGEST_BYTES),
        # How soon a transaction is aborted whose producer died without a successor: readers wait for that.
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
        "log.cleaner.dedupe.buffer.size": str(32 * 1024 * 1024),
        "log.cleaner.threads": "1",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "num.recovery.threads.per.data.dir": "2",
        # After kill -9 the controller lets the same broker in again only when it has missed the old one for this long.
        "broker.session.timeout.ms": "5000",
        "broker.heartbeat.interval.ms": "500",
    }


LOGGING: Final = {
    "status": "error",
    "appender.out.type": "Console",
    "appender.out.name": "out",
    "appender.out.layout.type": "PatternLayout",
    "appender.out.layout.pattern": "%d{yyyy-MM-dd'T'HH:mm:ss.SSSX} %p %c{1}: %m%n%throwable",
    "rootLogger.level": "warn",
    "rootLogger.appenderRef.out.ref": "out",
    "logger.server.name": "kafka.server.KafkaRaftServer",
    "logger.server.level": "info",
}
"""Log4j's settings: warnings, and that the server has started, on standard output."""


def _properties(settings: dict[str, str]) -> str:
    """Return the text of a Java properties file (ISO 8859-1 with escapes: java.util.Properties)."""
    return "".join(f"{name}={_escaped(value)}\n" for name, value in settings.items())


def _escaped(value: str) -> str:
    escaped = value.replace("\\", "\\\\")
    return "".join(
        char if char.isascii() else "".join(f"\\u{unit:04x}" for unit in _utf16_units(char)) for char in escaped
    )


def _utf16_units(char: str) -> list[int]:
    raw = char.encode("utf-16-be")
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


def answers(bootstrap: str) -> bool:
    """True when a broker at ``bootstrap`` ("host:port,host:port") tells of a cluster that can be written to."""
    try:
        with admin(bootstrap, patience_s=2.0) as client:
            return bool(client.describe_cluster()["brokers"])
    except AWAY:
        return False


def wait_until_it_answers(bootstrap: str, seconds: float) -> bool:
    """Wait up to ``seconds`` for the broker; True when it answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answers(bootstrap):
            return True
        time.sleep(0.1)
    return False
