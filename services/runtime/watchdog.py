"""What ends a step that does not end: an endless walk inside one sentence must not hold a worker for ever.

Looking at a clock between the steps cannot help where one step never comes back, so somebody else has to look:

1. A thread sees how long the watched thread has been computing and, past the limit, makes StuckError be raised in it
   (``PyThreadState_SetAsyncExc``): the step is given up, the article goes on.
2. Code of C notices no exception, and a search that goes astray keeps the interpreter's lock, so that no other thread
   runs at all. For this ``faulthandler`` has a thread outside of Python: it writes where every thread stands to
   standard error and ends the process. What the worker had in hand comes again, alone, and becomes a dead letter in the
   end.

Signals would be simpler, but Python handles them in the main thread alone, and on Kafka a stage runs in another one.
"""

from __future__ import annotations

import ctypes
import faulthandler
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from services.runtime.guard import StuckError

POLL_S: Final = 0.25
"""How often the watching thread looks while there is something to watch."""
AGAIN_S: Final = 2.0
"""So long after it was told to end, a step is told again: an exception raised in a destructor, say, is lost."""
PROCESS_S: Final = 60.0
"""Seconds by the wall after which a batch of no article would be given up with its process."""
PROCESS_ARTICLE_S: Final = 20.0
"""Seconds more for each article of the batch: many times what one takes on a machine that is overloaded."""

T = TypeVar("T")


@dataclass(slots=True)
class _Watch:
    """One thread at work on a step."""

    computed: Callable[[], float]
    """Seconds that the thread has computed."""
    until: float
    """What ``computed`` must not exceed."""


class Watchdog:
    """Ends steps of any thread that take too long. One for a process is enough; its own thread starts when needed."""

    def __init__(self, computed: Callable[[], Callable[[], float]] | None = None, poll_s: float = POLL_S) -> None:
        """Look every ``poll_s`` seconds. ``computed`` makes, in a thread, the clock of what that thread computes."""
        self._clock = computed if computed is not None else thread_clock
        self._poll_s = poll_s
        self._watched: dict[int, _Watch] = {}
        self._lock = threading.Lock()
        self._work = threading.Event()
        self._thread: threading.Thread | None = None

    def run(self, work: Callable[[], T], seconds: float) -> T:
        """Return what ``work`` returns. Raises StuckError once it has computed for ``seconds``; not to be nested."""
        thread = threading.get_ident()
        self._watch(thread, seconds)
        try:
            try:
                return work()
            finally:
                self._leave(thread)
        except StuckError:
            while True:  # it may have come while the watch was being ended, and once more since
                try:
                    self._leave(thread)
                    break
                except StuckError:
                    continue
            raise

    def _watch(self, thread: int, seconds: float) -> None:
        computed = self._clock()
        with self._lock:
            self._watched[thread] = _Watch(computed, computed() + seconds)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
                self._thread.start()
        if not self._work.is_set():
            self._work.set()

    def _leave(self, thread: int) -> None:
        with self._lock:
            self._watched.pop(thread, None)
        # What was asked for too late must hit here, not what comes next: between the turns of a loop the interpreter
        # raises what waits. To take it back (``PyThreadState_SetAsyncExc`` with NULL) would leave CPython 3.11 looking
        # for it at every call from then on, and for ever at the first one while a profiler is set.
        for _ in range(3):
            pass

    def _look(self) -> None:
        while True:
            self._work.wait()
            time.sleep(self._poll_s)
            with self._lock:
                for thread, watch in self._watched.items():
                    if watch.computed() > watch.until:
                        watch.until += AGAIN_S
                        _raise_stuck_in(thread)
                if not self._watched:
                    self._work.clear()


def thread_clock() -> Callable[[], float]:
    """Return what tells, in any thread, how many seconds the calling thread has computed.

    Where the system does not tell that of another thread (macOS), all threads of the process count together.
    """
    if sys.platform == "linux":
        clock = time.pthread_getcpuclockid(threading.get_ident())
        return lambda: time.clock_gettime(clock)
    return time.process_time


def _raise_stuck_in(thread: int) -> None:
    """Have StuckError raised in a thread before its next bytecode."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(StuckError))


@contextmanager
def last_resort(articles: int, *, base_s: float = PROCESS_S, article_s: float = PROCESS_ARTICLE_S) -> Iterator[None]:
    """End the process where the block, work on so many articles, is not done in ``base_s`` and ``article_s`` for each.

    To be used by processes that something starts again, by one thread at a time.
    """
    faulthandler.dump_traceback_later(base_s + article_s * articles, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
