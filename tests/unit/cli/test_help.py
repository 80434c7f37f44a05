"""`--help` of everything, at once and without loading what only the services need."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from services.cli import COMMANDS, main

LISTED = "import sys\nfrom services.cli import main\nsys.argv = ['dateline', *sys.argv[1:]]\n" + (
    "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    "heavy = {'spacy', 'thinc', 'numpy', 'trafilatura', 'fastapi'} & set(sys.modules)\nassert not heavy, heavy\n"
)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_does_not_wait_for_the_packages_of_the_services(name: str) -> None:
    arguments = [name, "--help"] if name else ["--help"]
    done = subprocess.run([sys.executable, "-c", LISTED, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: ")


def test_help_lists_every_command_with_what_it_does() -> None:
    told = CliRunner().invoke(main, ["--help"]).stdout
    for name, (_, about) in COMMANDS.items():
        assert name in told
        assert about.split()[0] in told


def test_what_the_list_says_of_a_command_agrees_with_its_own_help() -> None:
    for name in COMMANDS:
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0
        assert f"dateline {name}" in result.stdout.replace("main", "dateline")


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["launch"])
    assert result.exit_code == 2
    assert "No such command 'launch'" in result.stderr


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout.startswith("dateline, version ")
