"""Requests made from the server's own description of its API: none may end in a fault."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import requests
from latchkey import TIMEOUT_SECONDS, Project, serve

HERE = Path(__file__).parent
WITHIN_SECONDS = 480
METHODS = {"get", "post", "put", "patch", "delete"}


def test_no_described_request_makes_the_server_fail(tmp_path):
    # A server of its own, so that a fault in its log comes from one of these requests.
    with serve(tmp_path / "server.log", level="info") as server:
        project = Project.create(server, "Described")
        description = f"{server.url}/api/v1/openapi.json"
        paths = requests.get(description, timeout=TIMEOUT_SECONDS).json()["paths"]
        somebody = {"USER_ID": project.user(), "TEAM_ID": project.team()}
        report = tmp_path / "requests.har"
        command = [sys.executable, "-m", "schemathesis.cli", "--no-color"]
        command += ["--config-file", str(HERE / "schemathesis.toml")]
        command += ["run", description, "--report=har", f"--report-har-path={report}"]
        env = os.environ | project.settings() | somebody | {"PYTHONPATH": str(HERE)}
        # In a folder that is thrown away, so that nothing of an earlier run is found.
        said = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=WITHIN_SECONDS)
        assert said.returncode == 0, said.stdout + said.stderr
        assert project.secret_server_key not in said.stdout + said.stderr

    asked = answered(report)
    assert {method.upper() for path in paths.values() for method in path if method in METHODS} <= {
        method for method, _, _ in asked
    }
    assert not [row for row in asked if row[2] >= 500]
    # Without the right headers and ids, nothing beyond the door would have been tried.
    for row in ("POST", "/users", 201), ("POST", "/user-api-keys", 200), ("POST", "/team-api-keys", 200):
        assert row in asked


def answered(report: Path) -> set[tuple[str, str, int]]:
    """Method, path below the API's base, and status of every exchange."""
    return {
        (
            entry["request"]["method"],
            urlsplit(entry["request"]["url"]).path.removeprefix("/api/v1"),
            entry["response"]["status"],
        )
        for entry in json.loads(report.read_text())["log"]["entries"]
    }
