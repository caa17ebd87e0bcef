"""The examples, started as their README says."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import requests
from process import running

EXAMPLES = Path(__file__).parent.parent
TIMEOUT_SECONDS = 20
WAITRESS = [sys.executable, "-m", "waitress", "--listen=127.0.0.1:0"]
WAITRESS_READY = r"Serving on (http://\S+)"

# Folder, command, and how the program says where it listens.
SERVICES = {
    "django": ([*WAITRESS, "service:application"], WAITRESS_READY),
    "fastapi": ([sys.executable, "-m", "uvicorn", "--port=0", "service:app"], r"running on (http://\S+)"),
    "flask": ([*WAITRESS, "service:app"], WAITRESS_READY),
    "node-express": (["node", "service.js"], r"Listening on (http://\S+)"),
}


class Service:
    """A client of one example. It keeps the keys it was given, for the search of the logs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.secrets: list[str] = []

    def ask(self, method: str, path: str, **more) -> requests.Response:
        return requests.request(method, self.url + path, timeout=TIMEOUT_SECONDS, **more)

    def create(self, kind: str, owner: str, **fields) -> requests.Response:
        answer = self.ask("POST", f"/{kind}/{owner}/keys", json={"description": "laptop", **fields})
        if answer.status_code == 201:
            self.secrets.append(answer.json()["api_key"])
        return answer

    def created(self, kind: str, owner: str, **fields) -> dict:
        answer = self.create(kind, owner, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def list(self, kind: str, owner: str) -> list[dict]:
        answer = self.ask("GET", f"/{kind}/{owner}/keys")
        assert answer.status_code == 200, answer.text
        return answer.json()["keys"]

    def revoke(self, kind: str, owner: str, key_id: str) -> requests.Response:
        return self.ask("POST", f"/{kind}/{owner}/keys/{key_id}/revoke")

    def validity(self, kind: str, api_key: str) -> str:
        answer = self.ask("POST", f"/{kind}/validity", json={"api_key": api_key})
        assert answer.status_code == 200, answer.text
        return answer.json()["validity"]

    def protected(self, kind: str, api_key: str | bytes | None) -> requests.Response:
        headers = {} if api_key is None else {"X-Stack-Api-Key": api_key}
        return self.ask("GET", f"/protected/{kind}", headers=headers)


@contextmanager
def start(name: str, settings: dict[str, str], log: Path):
    """One example on a free port; no key that passed through it may be in its log."""
    command, ready = SERVICES[name]
    env = {**os.environ, **settings, "PORT": "0", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    with running(command, ready, log, cwd=EXAMPLES / name, env=env) as program:
        service = Service(program.url)
        yield service
    leaked = [secret[-8:] for secret in service.secrets if secret in program.said()]
    assert not leaked, f"{name} has logged the keys ending in {leaked}"
    assert settings["LATCHKEY_SECRET_SERVER_KEY"] not in program.said(), f"{name} has logged its server key"
