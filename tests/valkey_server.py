"""A real Valkey for tests: its own data folder, its own socket, ended by pid."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from services.runtime.valkey import redis_url, server_command, wait_until_it_answers


class ValkeyServer:
    """One server that can be killed and started again on the same data."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="dateline-test-"))
        self.url = redis_url(self.data)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it answers."""
        self._process = subprocess.Popen(server_command(self.data), stdout=subprocess.DEVNULL)
        assert wait_until_it_answers(self.url, 30), "the Valkey server of the test did not start"

    def kill(self) -> None:
        """Kill -9."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def close(self) -> None:
        """End the server and remove its data."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)
        shutil.rmtree(self.data, ignore_errors=True)
