"""The server under test, and its API as an application's own setup would use it."""

import json
import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from process import Running, running

TIMEOUT_SECONDS = 10
FAULT = re.compile(r"panicked|internal error|request .*status=5\d\d")


def environment(**more: str) -> dict[str, str]:
    """Without DATABASE_URL the program joins the Postgres in LATCHKEY_DATA_DIR, which is already running."""
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**env, "NO_COLOR": "1", **more}


def program() -> str:
    name = os.environ.get("LATCHKEY_PROGRAM")
    if not name:
        raise RuntimeError("LATCHKEY_PROGRAM is not set: run the suite with “make examples”")
    return name


@contextmanager
def serve(log: Path, level: str):
    """A server on a free port, which may not have had a fault when the block ends."""
    env = environment(LATCHKEY_LISTEN="127.0.0.1:0", LATCHKEY_LOG=level)
    with running([program(), "serve"], r"is ready at (http://\S+)", log, env=env) as server:
        yield server
    faults = [line for line in server.said().splitlines() if FAULT.search(line)]
    assert not faults, "the server had faults:\n" + "\n".join(faults)


@dataclass
class Project:
    """A project of its own on the server, asked with its server key."""

    url: str
    id: str
    secret_server_key: str

    @classmethod
    def create(cls, server: Running, name: str) -> "Project":
        config = json.dumps({"allow_user_api_keys": True, "allow_team_api_keys": True})
        command = [program(), "project", "create", "--name", name, "--json", "--config", config]
        said = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60)
        assert said.returncode == 0, said.stderr
        made = json.loads(said.stdout)
        return cls(server.url, made["id"], made["secret_server_key"])

    @property
    def headers(self) -> dict[str, str]:
        return {
            "x-stack-access-type": "server",
            "x-stack-project-id": self.id,
            "x-stack-secret-server-key": self.secret_server_key,
        }

    def settings(self) -> dict[str, str]:
        """How the examples are told of this project."""
        return {
            "LATCHKEY_URL": self.url,
            "LATCHKEY_PROJECT_ID": self.id,
            "LATCHKEY_SECRET_SERVER_KEY": self.secret_server_key,
        }

    def post(self, path: str, **fields) -> dict:
        return self.ask("POST", path, fields)

    def ask(self, method: str, path: str, fields: dict) -> dict:
        url = f"{self.url}/api/v1{path}"
        answer = requests.request(method, url, headers=self.headers, json=fields, timeout=TIMEOUT_SECONDS)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def user(self) -> str:
        return self.post("/users", display_name="Ada")["id"]

    def team(self) -> str:
        """A team with one member."""
        team = self.post("/teams", display_name="Engineering")["id"]
        user = self.user()
        assert self.post(f"/team-memberships/{team}/{user}") == {"team_id": team, "user_id": user}
        return team
