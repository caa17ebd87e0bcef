"""One server and one project for all tests; every test has its own users, teams and keys."""

from collections.abc import Iterator

import pytest
from latchkey import Project, serve
from process import Running
from services import SERVICES, Service, start


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Running]:
    with serve(tmp_path_factory.mktemp("server") / "server.log", level="trace") as server:
        yield server


@pytest.fixture(scope="session")
def project(server) -> Project:
    return Project.create(server, "Examples")


@pytest.fixture(scope="session", params=SERVICES)
def service(request, server, project, tmp_path_factory) -> Iterator[Service]:
    log = tmp_path_factory.mktemp("service") / f"{request.param}.log"
    with start(request.param, project.settings(), log) as service:
        yield service
    leaked = [secret[-8:] for secret in service.secrets if secret in server.said()]
    assert not leaked, f"the server has logged the keys ending in {leaked}"


@pytest.fixture(params=["user", "team"])
def kind(request) -> str:
    return request.param


@pytest.fixture
def owner(kind, project) -> str:
    return project.user() if kind == "user" else project.team()
