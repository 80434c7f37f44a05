"""One run: a steady load, a schedule of faults, the comparison of sets, and the figures of it all."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from redis.exceptions import RedisError

from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE, EVENTS, MENTIONS
from services.dedup.stage import Dedup
from services.extractor.stage import Extractor
from services.linker.stage import Linker
from services.runtime.kafka_client import AWAY
from tests.chaos import schedule
from tests.chaos.answers import answers
from tests.chaos.articles import Newsdesk
from tests.chaos.checks import DEDUP_TABLE, LINKER_TABLE, Poison, Problem, Run, problems, redis_problems
from tests.chaos.faults import Chaos, takeovers
from tests.chaos.figures import counted, harm, sets, taken_over
from tests.chaos.publishing import Publisher
from tests.chaos.reading import Watch, declared_topics, open_transactions, read
from tests.chaos.record import Log
from tests.chaos.redis_dump import dump
from tests.chaos.replaying import replay, replay_problems
from tests.chaos.system import STAGES, STATEFUL, System
from tests.kafka_server import KafkaServer

FAULT_S: Final = 9.0
"""How long a fault takes, as a first guess: the load is spread over all of them."""
PER_S_LEAST: Final = 0.5
PER_S_MOST: Final = 20.0
SETTLE_S: Final = 900.0
"""How long everybody may take to answer what is left after the last fault."""
QUIET_S: Final = 3.0
"""Nothing has moved for so long: then sinks have looked whether their notes still stand, too."""
TOLD_PROBLEMS: Final = 12
"""Of each kind: the first ones show what they have in common."""
START: Final = datetime(2026, 3, 11, 6, tzinfo=UTC)


class NotSettledError(Exception):
    """Something was not answered in time; the text tells what, and the last words of all workers."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of."""

    seed: int
    faults: int
    articles: int
    """Distinct texts; copies, edits and revisions come on top."""
    workers: int = 2
    """Of each stage."""
    session_s: float = 6.0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it."""

    figures: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]
    unexpected: tuple[str, ...]
    """Workers that ended by themselves."""
    last_words: str
    """The ends of the workers' logs."""


def chaos(plan: Plan, kafka: KafkaServer | None = None) -> Result:
    """Run it all, on ``kafka`` or a broker of its own. Raises NotSettledError where something stayed unanswered."""
    began = time.monotonic()
    faults = schedule.plan(plan.seed, plan.faults, STAGES, STATEFUL, plan.workers, plan.session_s)
    publications = list(Newsdesk(plan.seed, START).publications(plan.articles))
    system = System(Path(tempfile.mkdtemp(prefix="dateline-chaos-")), plan.workers, plan.session_s, kafka)
    watch = Watch(system.kafka.bootstrap)
    publisher = Publisher(system.kafka.bootstrap, iter(publications), len(publications) / (plan.faults * FAULT_S))
    try:
        wait_until_ready(system)
        bring = Chaos(system, watch, publisher)
        publisher.start()
        pace = Pace(publisher, len(publications), plan.faults)
        for fault in faults:
            _tell(f"{pace.lasted_s:6.0f} s  fault {fault.number + 1}/{plan.faults}: {fault.kind} {fault.stage}")
            bring.bring(fault)
            pace.after(fault.number + 1)
        bring.end()
        faults_s = pace.lasted_s
        publisher.per_s = PER_S_MOST
        published = publisher.acknowledged()
        settle(system, watch)
        _tell(f"{pace.lasted_s:6.0f} s  everything is answered; comparing")
        left = collect(system, published, tuple(bring.poison))
        wrong = problems(left)
        wrong += [Problem("published", each, "was not acknowledged") for each in publisher.failed]
        seconds = takeovers(bring.departures, watch)
        again = replay(system.kafka.bootstrap, publisher, left, plan.seed)
        settle(system, watch)
        wrong += replay_problems(left, collect(system, published, tuple(bring.poison)))
        lasted_s = {"faults_s": round(faults_s, 1), "all_s": round(time.monotonic() - began, 1)}
        figures = (
            {"what": "faults", "seed": plan.seed, "faults": plan.faults, **Counter(fault.kind for fault in faults)},
            {**sets(publications, left), "replayed_without_effect": again},
            {**harm(wrong), "workers_that_ended_by_themselves": len(system.unexpected)},
            {"what": "made harmless", **counted(system.figures())},
            *taken_over(seconds, plan.session_s),
            {"what": "duration", **lasted_s, "articles_per_s": round(len(publications) / faults_s, 2)},
        )
        return Result(figures, tuple(wrong), tuple(system.unexpected), system.last_words())
    finally:
        with ExitStack() as ending:  # each, whatever the one before raises: nothing may be left running
            ending.callback(system.close)
            ending.callback(watch.close)
            ending.callback(publisher.close)


def settle(system: System, watch: Watch) -> None:
    """Wait until everything is answered and nothing moves. Raises NotSettledError, telling what is missing."""
    began = time.monotonic()

    def unsettled() -> str:
        behind = watch.behind()
        if behind:
            places = sorted(f"{each.reader}: {each.partition.topic}/{each.partition.partition}" for each in behind)
            return f"{sum(behind.values())} messages are not answered, in {', '.join(places)}"
        if watch.idle_s(began) < QUIET_S:
            return "something still moves"
        try:
            if waiting := open_transactions(system.kafka.bootstrap, all_topics()):
                return f"transactions are open in {', '.join(f'{topic}/{number}' for topic, number in waiting)}"
            wrong = list(redis_problems(read(system.kafka.bootstrap, (EVENTS.name,)), dump(system.valkey.url)))
        except (*AWAY, RedisError) as error:
            return f"a server is away: {error}"
        told = "; ".join(f"{each.id} {each.what}" for each in wrong[:TOLD_PROBLEMS])
        return f"Redis is not yet what `events` says: {told}" if wrong else ""

    _wait_until_nothing(unsettled, SETTLE_S, system)


def wait_until_ready(system: System) -> None:
    """Wait until every worker can do its work. Raises NotSettledError."""
    _wait_until_nothing(lambda: "" if system.all_ready() else "not every worker is ready", SETTLE_S, system)


def _wait_until_nothing(missing: Callable[[], str], seconds: float, system: System) -> None:
    """Wait until nothing is missing. Raises NotSettledError with what is, and the last words of all workers."""
    deadline = time.monotonic() + seconds
    while told := missing():
        if time.monotonic() > deadline:
            ended = "\n".join(system.unexpected)
            raise NotSettledError(f"gave up after {seconds:.0f} s: {told}\n{ended}\n{system.last_words()}")
        time.sleep(0.5)


def all_topics() -> list[str]:
    """Return every topic, with the changelogs of the stages."""
    return [*declared_topics(), DEDUP_TABLE, LINKER_TABLE]


def collect(system: System, published: Mapping[str, int], poison: Sequence[Poison]) -> Run:
    """Read what the run left, and ask the stages' code what they should have answered."""
    log: Log = read(system.kafka.bootstrap, all_topics())
    extractor = Extractor("lead")
    return Run(
        published=published,
        poison=poison,
        log=log,
        redis=dump(system.valkey.url),
        dedup=answers(Dedup, {ARTICLES_RAW.name: log[ARTICLES_RAW.name]}),
        extractor=answers(
            lambda: extractor, {topic.name: log[topic.name] for topic in (ARTICLES_UNIQUE, ARTICLES_DUPLICATES)}
        ),
        linker=answers(Linker, {MENTIONS.name: log[MENTIONS.name]}),
    )


class Pace:
    """Spreads the articles that are left over the faults that are left, as long as those before took."""

    def __init__(self, publisher: Publisher, articles: int, faults: int) -> None:
        self._publisher = publisher
        self._articles = articles
        self._faults = faults
        self._began = time.monotonic()

    @property
    def lasted_s(self) -> float:
        """How long the faults have lasted by now."""
        return time.monotonic() - self._began

    def after(self, done: int) -> None:
        """Set the rate anew after ``done`` faults."""
        left_s = (self._faults - done) * self.lasted_s / done
        if left_s > 0:
            per_s = (self._articles - self._publisher.sent) / left_s
            self._publisher.per_s = min(PER_S_MOST, max(PER_S_LEAST, per_s))


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
