"""Asking Redis: the cache's scripts, and telling a server that is away from an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any, Final

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.contracts.redis_model import REUSED_AFTER_S, SET_MOST, TOUCHED_KEPT
from services.runtime.stage import Unavailable

SERVER_NOT_READY: Final = frozenset(
    ("BUSY", "LOADING", "OOM", "MISCONF", "READONLY", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN")
)
"""Error codes that tell of the server's condition, not of the message (as redis.io documents them)."""


def script(name: str) -> bytes:
    """Return one of the cache's scripts, with the limits of the model filled in."""
    text = files("services.cache").joinpath(name).read_text()
    limits = {"SET_MOST": SET_MOST, "REUSED_AFTER_S": REUSED_AFTER_S, "TOUCHED_KEPT": TOUCHED_KEPT}
    for limit, value in limits.items():
        text = text.replace(f"@{limit}@", str(value))
    return text.encode()


def lines(texts: Iterable[str]) -> str:
    """Return texts as one argument of a script, in an order of their own."""
    return "\n".join(sorted(texts))


def available(ask: Callable[[], Any]) -> Any:
    """Return what Redis answers. Raises Unavailable where it cannot be reached or cannot work now."""
    try:
        answer = ask()
    except (RedisConnectionError, RedisTimeoutError) as error:
        raise Unavailable(f"Redis cannot be reached: {error}") from error
    except ResponseError as error:
        raise Unavailable(f"Redis refused what the cache asks: {error}") from error
    for each in answer if isinstance(answer, list) else ():
        if isinstance(each, Exception) and _server_not_ready(each):
            raise Unavailable(f"Redis cannot write now: {each}") from each
    return answer


def _server_not_ready(error: Exception) -> bool:
    """True where the server's condition is at fault. redis-py drops some codes from the text: look at the class too."""
    if isinstance(error, RedisConnectionError | RedisTimeoutError):
        return True
    if not isinstance(error, RedisError):
        return False
    name = type(error).__name__
    if name in ("BusyLoadingError", "OutOfMemoryError", "ReadOnlyError", "MasterDownError", "ClusterDownError"):
        return True
    # an error inside a script may carry its code after "... script: <sha>, on @user_script:1: -"
    return any(word.strip("-,.:") in SERVER_NOT_READY for word in str(error).split())
