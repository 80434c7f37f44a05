"""Print the pinned, hashed packages of requirements.txt that one image needs: those of its extras, and no more.

``python deploy/image_requirements.py extractor,kafka >image.txt`` gives a file for ``pip install --no-deps
--require-hashes``. It follows the "# via" notes that pip-compile leaves in requirements.txt, so there is one list of
pins and nothing to keep in step with it. Standard library only: it runs before anything is installed.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = "dateline"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VIA = re.compile(r"^\s+#\s+(?:via\s*)?(?P<by>\S.*)?$")


class RequirementsError(Exception):
    """What was asked for is not pinned; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of requirements.txt: its lines with hashes, and the packages that brought it in."""

    name: str
    lines: tuple[str, ...]
    via: frozenset[str]


def normal_name(requirement: str) -> str:
    """The package a requirement such as "redis[hiredis]>=7.1" is about, as PyPI compares names (PEP 503)."""
    found = _NAME.match(requirement.strip())
    if found is None:
        raise RequirementsError(f"{requirement!r} names no package: correct pyproject.toml")
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def read_pins(text: str) -> dict[str, Pin]:
    """The packages of a requirements.txt made by pip-compile, by name."""
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if line[:1] not in ("", " ", "#"):
            blocks.append([])
        if blocks and line.startswith((" ", *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")):
            blocks[-1].append(line)
    pins = [_pin(block) for block in blocks]
    return {pin.name: pin for pin in pins}


def wanted(pyproject: Mapping[str, object], extras: Iterable[str]) -> set[str]:
    """The packages that pyproject.toml names for the project itself and these extras."""
    project = pyproject["project"]
    assert isinstance(project, dict)
    names = {normal_name(requirement) for requirement in project["dependencies"]}
    for extra in extras:
        if extra not in project["optional-dependencies"]:
            known = ", ".join(sorted(project["optional-dependencies"]))
            raise RequirementsError(f"pyproject.toml has no extra {extra!r}: choose among {known}")
        names.update(normal_name(requirement) for requirement in project["optional-dependencies"][extra])
    return names


def select(pins: Mapping[str, Pin], roots: set[str]) -> list[Pin]:
    """The pins of ``roots`` and of everything they brought in, by name."""
    missing = sorted(roots - pins.keys())
    if missing:
        raise RequirementsError(f"requirements.txt does not pin {', '.join(missing)}: run `make requirements`")
    chosen = set(roots)
    while more := {pin.name for pin in pins.values() if pin.name not in chosen and pin.via & chosen}:
        chosen |= more
    return [pins[name] for name in sorted(chosen)]


def main(arguments: Sequence[str]) -> int:
    """Print the pins of the comma-separated extras, or with ``--package NAME`` of one package alone."""
    here = Path.cwd()
    try:
        pins = read_pins((here / "requirements.txt").read_text("utf-8"))
        if len(arguments) == 2 and arguments[0] == "--package":
            chosen = select(pins, {normal_name(arguments[1])})
        elif len(arguments) == 1:
            extras = [extra for extra in arguments[0].split(",") if extra]
            chosen = select(pins, wanted(tomllib.loads((here / "pyproject.toml").read_text("utf-8")), extras))
        else:
            raise RequirementsError("usage: image_requirements.py EXTRA,EXTRA | --package NAME")
    except (RequirementsError, OSError) as error:
        print(f"image_requirements: {error}", file=sys.stderr)
        return 2
    for pin in chosen:
        print("\n".join(pin.lines))
    return 0


def _pin(block: Sequence[str]) -> Pin:
    lines = tuple(line for line in block if not line.lstrip().startswith("#"))
    notes = (_VIA.match(line) for line in block if line.lstrip().startswith("#"))
    via = {note["by"] for note in notes if note and note["by"]}
    # The project's own line reads "dateline (pyproject.toml)": it is no package, extras say what it needs.
    return Pin(
        normal_name(lines[0]),
        lines,
        frozenset(normal_name(by) for by in via if normal_name(by) != PROJECT),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
