"""Which metrics the code declares, and which a PromQL expression asks for."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.compose_file import ROOT

KINDS = {"Counter": ("",), "Gauge": ("",), "Histogram": ("_bucket", "_sum", "_count")}
FROM_ELSEWHERE = frozenset(
    {
        # Prometheus itself
        "up",
        "ALERTS",
        # prometheus-client, of every process
        "process_start_time_seconds",
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
        # kafka-exporter
        "kafka_brokers",
        "kafka_consumergroup_lag",
        # valkey-exporter
        "redis_up",
        "redis_memory_used_bytes",
        "redis_memory_max_bytes",
        "redis_aof_last_write_status",
        "redis_aof_last_bgrewrite_status",
        # disk-exporter
        "node_filesystem_avail_bytes",
        "node_filesystem_size_bytes",
    }
)
ALWAYS = frozenset({"job", "instance", "le"})
"""Labels that Prometheus or a histogram adds."""

_WORD = re.compile(r"(?<![\w.:])[a-zA-Z_][a-zA-Z0-9_]*(?![\w(])")
_STRING = re.compile(r'"[^"]*"')
_BRACES = re.compile(r"\{([^}]*)\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_LANGUAGE = frozenset({"sum", "max", "min", "avg", "count", "and", "or", "unless", "offset", "bool"})
"""Words that may stand without a parenthesis right behind them."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an expression asks: metrics, and labels anywhere in it."""

    metrics: frozenset[str]
    labels: frozenset[str]


def declared() -> dict[str, frozenset[str]]:
    """Every series of Dateline by name, with its labels, as services/ declare them."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted((ROOT / "services").rglob("*.py")):
        for name, kind, labels in _declarations(path):
            found.update({f"{name}{ending}": labels for ending in KINDS[kind]})
    return found


def question(expression: str) -> Question:
    """Take a PromQL expression apart."""
    plain = _STRING.sub('""', expression)
    labels = {label for inside in _BRACES.findall(plain) for label in re.findall(r"(\w+)\s*(?:=|!)", inside)}
    labels |= {label for inside in _GROUPING.findall(plain) for label in re.findall(r"\w+", inside)}
    rest = _GROUPING.sub(" ", _BRACES.sub(" ", plain))
    rest = re.sub(r"\[[^\]]*\]|\boffset \w+", " ", rest)
    return Question(frozenset(_WORD.findall(rest)) - _LANGUAGE, frozenset(labels))


def _declarations(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args):
            continue
        name = node.args[0]
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str) and name.value.startswith("dateline_")):
            continue
        lists = [argument for argument in node.args[1:] if isinstance(argument, ast.List)]
        labels = {item.value for item in lists[0].elts if isinstance(item, ast.Constant)} if lists else set()
        yield name.value, node.func.id, frozenset(str(label) for label in labels)
