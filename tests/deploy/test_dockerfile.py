"""deploy/Dockerfile is clean, and what it builds carries only what it needs."""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.deploy.compose_file import ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
FINAL = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def test_hadolint_finds_nothing() -> None:
    program = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run([program, ROOT / "deploy" / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_stage_begins_with_the_same_exact_python_or_another_stage() -> None:
    bases = re.findall(r"(?m)^FROM (\S+)(?: AS (\S+))?$", DOCKERFILE)
    stages = {name for _, name in bases}
    images = {base for base, _ in bases if base not in stages}
    assert len(images) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", images.pop())


def test_it_runs_as_a_numbered_user_who_is_not_root() -> None:
    assert re.search(r"(?m)^USER 10001:10001$", FINAL)
    assert FINAL.index("USER ") < FINAL.index("ENTRYPOINT ")


def test_packages_are_installed_with_hashes_and_nothing_is_compiled() -> None:
    installs = re.findall(r"pip --python \S+ install (.*)", DOCKERFILE)
    assert len(installs) == 3
    for options in installs:
        assert "--no-deps" in options
        assert "--require-hashes" in options or "--no-index" in options


def test_it_stops_on_sigterm_and_tells_its_health() -> None:
    assert "STOPSIGNAL SIGTERM" in FINAL
    assert "/healthz" in FINAL[FINAL.index("HEALTHCHECK") :]


@pytest.mark.parametrize("answer", [200, 503])
def test_the_probe_of_the_image_tells_well_from_unwell(answer: int) -> None:
    found = re.search(r'"python", "-I", "-S", "-c", "(.+)"\]', FINAL)
    assert found is not None
    server = (
        "import http.server, threading, os, sys\n"
        "class Handler(http.server.BaseHTTPRequestHandler):\n"
        f"    def do_GET(self): self.send_response({answer} if self.path == '/healthz' else 404); self.end_headers()\n"
        "    def log_message(self, *args): pass\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), Handler)\n"
        "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        "os.environ['DATELINE_HEALTH_PORT'] = str(server.server_port)\n"
        "exec(sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", server, found[1]], timeout=60, check=False)
    assert (done.returncode == 0) is (answer == 200)


def test_only_what_the_image_needs_is_sent_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {
        source.removeprefix("./").rstrip("/")
        for sources in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", DOCKERFILE)
        for source in sources.split()
    }
    assert copied == sent
    assert all((ROOT / source).exists() for source in copied)
