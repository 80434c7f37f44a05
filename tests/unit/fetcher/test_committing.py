"""Commits that wait together are stored as one, and none suffers for another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from services.fetcher.committing import MAX_ENTRIES, Committer
from services.runtime.stage import Emit, Outbox, Write

POISON = Write("poison", b"")


class Held(Outbox):
    """An outbox whose commits wait until they are let go on."""

    def __init__(self) -> None:
        self.commits: list[list[Write]] = []
        self.open = threading.Event()
        self.questions = 0

    def load(self) -> dict[str, bytes]:
        return {}

    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        self.open.wait(10)
        if POISON in writes:
            raise ValueError("poison")
        self.commits.append(list(writes))

    def congested(self) -> bool:
        self.questions += 1
        return False


def write(name: object) -> Write:
    return Write(f"feed:{name}", b"{}")


async def _commit_all(outbox: Held, applied: list[Write], writes: Sequence[Write]) -> list[BaseException | None]:
    """Give one write first, the others while it is under way."""
    committer = Committer(outbox, applied.append, lambda: 0.0)
    tasks = [asyncio.create_task(committer.commit((), [writes[0]]))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(committer.commit((), [one])) for one in writes[1:]]
    await asyncio.sleep(0)
    outbox.open.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_commits_that_wait_for_another_are_stored_as_one() -> None:
    outbox, applied = Held(), list[Write]()
    writes = [write(n) for n in range(5)]
    assert asyncio.run(_commit_all(outbox, applied, writes)) == [None] * 5
    assert outbox.commits == [writes[:1], writes[1:]]
    assert applied == writes


def test_one_commit_that_cannot_be_stored_leaves_the_others_stored() -> None:
    outbox, applied = Held(), list[Write]()
    outcomes = asyncio.run(_commit_all(outbox, applied, [write(0), write(1), POISON, write(2)]))
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), ValueError, type(None)]
    assert applied == [write(0), write(1), write(2)]


def test_a_commit_does_not_grow_without_bound() -> None:
    outbox = Held()
    asyncio.run(_commit_all(outbox, [], [write(n) for n in range(MAX_ENTRIES + 10)]))
    assert max(map(len, outbox.commits)) == MAX_ENTRIES


def test_nothing_is_taken_up_before_it_is_stored() -> None:
    async def run() -> None:
        outbox, applied = Held(), list[Write]()
        committer = Committer(outbox, applied.append, lambda: 0.0)
        task = asyncio.create_task(committer.commit((), [write(1)]))
        await asyncio.sleep(0.01)
        assert not applied
        outbox.open.set()
        await task
        assert applied == [write(1)]

    asyncio.run(run())


def test_a_commit_given_up_while_it_waits_is_not_stored() -> None:
    async def run() -> None:
        outbox = Held()
        committer = Committer(outbox, lambda _: None, lambda: 0.0)
        first = asyncio.create_task(committer.commit((), [write(1)]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second = asyncio.create_task(committer.commit((), [write(2)]))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        outbox.open.set()
        await first
        await committer.commit((), [write(3)])
        assert outbox.commits == [[write(1)], [write(3)]]

    asyncio.run(run())


@pytest.mark.parametrize(("elapsed_s", "questions"), [(0.0, 1), (1.0, 2)])
def test_one_question_about_room_serves_all_for_a_moment(elapsed_s: float, questions: int) -> None:
    async def run() -> int:
        outbox, now = Held(), [0.0]
        committer = Committer(outbox, lambda _: None, lambda: now[0])
        await asyncio.gather(*(committer.wait_for_room() for _ in range(10)))
        now[0] += elapsed_s
        await committer.wait_for_room()
        return outbox.questions

    assert asyncio.run(run()) == questions


def test_whoever_waits_for_room_is_not_overtaken_by_those_who_come_once_there_is_some() -> None:
    async def run() -> list[int]:
        outbox, went_on = Held(), list[int]()
        committer = Committer(outbox, lambda _: None, lambda: 0.0)

        async def wait(number: int) -> None:
            await committer.wait_for_room()
            went_on.append(number)

        async def come_later() -> None:
            await committer.wait_for_room()
            await asyncio.gather(*(wait(number) for number in range(10, 20)))

        await asyncio.gather(come_later(), *(wait(number) for number in range(10)))
        return went_on

    assert asyncio.run(run()) == list(range(20))
