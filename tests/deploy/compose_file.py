"""Read docker-compose.yml as `docker compose` would with a given environment."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+):-(?P<default>[^{}]*)\})")


def interpolated(text: str, environment: Mapping[str, str]) -> str:
    """Fill in ${NAME:-default} and $$, the two forms the file uses. Raises ValueError for any other."""
    without = _VARIABLE.sub("", text)
    if "$" in without:
        raise ValueError(f"neither ${{NAME:-default}} nor $$: {without[without.index('$') :][:40]!r}")
    return _VARIABLE.sub(
        lambda found: "$" if found["escaped"] else environment.get(found["name"]) or found["default"], text
    )


def read(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file with every merge (<<) carried out."""
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(interpolated(text, environment or {}))
    return loaded


def variables() -> set[str]:
    """The names of the environment variables the file looks at."""
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    return {found["name"] for found in _VARIABLE.finditer(text) if found["name"]}
