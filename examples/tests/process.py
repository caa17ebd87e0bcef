"""Programs that run while tests do."""

import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_SECONDS = 60
POLL_EVERY_SECONDS = 0.05
STOPPED_WITHIN_SECONDS = 15


@dataclass
class Running:
    """A program that has said where it listens, and what it has said so far."""

    url: str
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def running(command: list[str], ready: str, log: Path, cwd: Path | None = None, env: dict[str, str] | None = None):
    """Runs a program until the block ends. `ready` is a pattern whose one group is the address it prints."""
    with log.open("wb") as file:
        # A group of its own, so that nothing it starts outlives it.
        child = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
    try:
        yield Running(_address(child, ready, log), log)
    finally:
        _stop(child)


def _address(child: subprocess.Popen, ready: str, log: Path) -> str:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if found := re.search(ready, log.read_text(errors="replace")):
            return found[1]
        if child.poll() is not None:
            break
        time.sleep(POLL_EVERY_SECONDS)
    raise RuntimeError(f"{child.args} did not start ({child.returncode}):\n{log.read_text(errors='replace')}")


def _stop(child: subprocess.Popen) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOPPED_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise
