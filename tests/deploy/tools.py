"""Checkers that are no Python packages: skipped with a line where they are missing, but never in CI."""

import os
import shutil
import subprocess

import pytest


def run(program: str, *arguments: str, cwd: object = None) -> str:
    """Run a checker and return what it printed; the test fails where it found something."""
    path = shutil.which(program)
    if path is None:
        advice = f"{program} is missing (Debian: apt-get install prometheus prometheus-alertmanager)"
        if os.environ.get("CI"):
            pytest.fail(advice)
        pytest.skip(advice)
    done = subprocess.run([path, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)
    told = done.stdout + done.stderr
    assert done.returncode == 0, f"{program} {' '.join(arguments)}:\n{told}"
    return told
