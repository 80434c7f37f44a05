"""What `dateline doctor` looks at on Kafka: the broker, its topics, dead letters, and what a local broker needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from services.cli.findings import Finding, dead_letters_finding
from services.cli.kafka_address import LOCAL, VARIABLE, KafkaAddressError, checked_address, missing_packages
from services.runtime.stage import Unavailable

if TYPE_CHECKING:
    from services.runtime.kafka_topics import Problem

MISSING: Final = "missing"
"""What the check of topics finds in place of one that is not there."""


def kafka_findings(kafka: str) -> Iterator[Finding]:
    """Yield what is to be said of the Kafka that Dateline is to use: an address, or the word local."""
    missing = missing_packages()
    found = f"missing: {', '.join(missing)}" if missing else "installed"
    yield Finding("packages of Kafka", not missing, found, "Run `make setup`.")
    if missing:
        return
    if kafka == LOCAL:
        yield local_broker_finding(needed=True)
        return
    try:
        bootstrap = checked_address(kafka)
    except KafkaAddressError as error:
        yield Finding("Kafka", False, str(error), f"Correct or unset {VARIABLE}.")
        return
    yield from _broker_findings(bootstrap)


def _broker_findings(bootstrap: str) -> Iterator[Finding]:
    from services.runtime import kafka_broker, kafka_topics
    from services.runtime.kafka_dead_letters import dead_letters

    if not kafka_broker.answers(bootstrap):
        advice = f"Start it (`make kafka` runs one on this machine), or correct {VARIABLE}."
        yield Finding("Kafka", False, f"{bootstrap} does not answer", advice)
        return
    yield Finding("Kafka", True, f"{bootstrap} answers")
    try:
        problems = kafka_topics.check(bootstrap)
        yield from _topic_findings(problems)
        if not any(problem.found == MISSING for problem in problems):
            yield dead_letters_finding(len(dead_letters(bootstrap)))
    except Unavailable as error:
        yield Finding("Kafka", False, str(error), "Try again; the broker's own log says more.")


def _topic_findings(problems: Sequence[Problem]) -> Iterator[Finding]:
    """Yield a finding for each topic that is not well; one for all that are missing, because they are made together."""
    missing = [problem for problem in problems if problem.found == MISSING]
    if missing:
        yield Finding("topics", False, f"{len(missing)} are missing, such as {missing[0].topic}", _sentence(missing[0]))
    for problem in problems:
        if problem.found != MISSING:
            found = f"{problem.found} instead of {problem.wanted}"
            yield Finding(f"topic {problem.topic}", False, found, _sentence(problem))
    if not problems:
        yield Finding("topics", True, "all there and as they should be")


def _sentence(problem: Problem) -> str:
    return f"{problem.advice[0].upper()}{problem.advice[1:]}."


def local_broker_finding(*, needed: bool) -> Finding:
    """Return whether a broker of Dateline's own could be started here. ``needed``: it is a problem if not."""
    from services.runtime.kafka_broker import BrokerMissingError, find_java, find_libs

    try:
        found = f"Java {find_java()}, jars in {find_libs()}"
    except BrokerMissingError as error:
        if needed:
            return Finding("Kafka of its own", False, "cannot be started", str(error))
        return Finding("Kafka of its own", True, f"not used (it could not be started: {error})")
    return Finding("Kafka of its own", True, found if needed else f"not used ({found})")
