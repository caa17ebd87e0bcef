"""What every example does, for the keys of users and of teams alike."""

import socket
import time
import uuid

import pytest
from latchkey import Project
from services import SERVICES, start

LONG_AGO_MILLIS = 1_600_000_000_000
HOUR_MILLIS = 3_600_000
OTHER_KIND = {"user": "team", "team": "user"}

# A key that could be one: nobody has it. What could not be one is refused before anybody asks who wants to know.
WELL_FORMED = (
    "sk_0123456789abcdefghjkmnpqrstvwxyz0123456789abc"
    "11111111222243338444555555555555user1574ck4u7h697e6bb1"
)


def in_an_hour_millis() -> int:
    return int(time.time() * 1000) + HOUR_MILLIS


def test_a_valid_key_opens_the_protected_route(service, kind, owner):
    key = service.created(kind, owner, expires_at_millis=in_an_hour_millis())
    answer = service.protected(kind, key["api_key"])
    assert (answer.status_code, answer.json()) == (200, {f"{kind}_id": owner})
    assert service.validity(kind, key["api_key"]) == "valid"


def test_a_revoked_key_is_refused(service, kind, owner):
    key = service.created(kind, owner)
    assert service.protected(kind, key["api_key"]).status_code == 200
    revoked = service.revoke(kind, owner, key["id"])
    assert (revoked.status_code, revoked.json()["validity"]) == (200, "manually-revoked")
    assert service.protected(kind, key["api_key"]).status_code == 401
    assert service.validity(kind, key["api_key"]) == "manually-revoked"


def test_a_key_revoked_elsewhere_is_refused_from_the_next_request(service, kind, owner, project):
    key = service.created(kind, owner)
    assert service.protected(kind, key["api_key"]).status_code == 200
    project.ask("PATCH", f"/{kind}-api-keys/{key['id']}?{kind}_id={owner}", {"revoked": True})
    assert service.protected(kind, key["api_key"]).status_code == 401


def test_an_expired_key_is_refused(service, kind, owner):
    key = service.created(kind, owner, expires_at_millis=LONG_AGO_MILLIS)
    assert service.protected(kind, key["api_key"]).status_code == 401
    assert service.validity(kind, key["api_key"]) == "expired"


def test_revoked_wins_over_expired(service, kind, owner):
    key = service.created(kind, owner, expires_at_millis=LONG_AGO_MILLIS)
    assert service.revoke(kind, owner, key["id"]).status_code == 200
    assert service.validity(kind, key["api_key"]) == "manually-revoked"


def test_a_key_of_the_other_kind_is_refused(service, kind, owner):
    key = service.created(kind, owner)
    assert service.protected(OTHER_KIND[kind], key["api_key"]).status_code == 401
    assert service.validity(OTHER_KIND[kind], key["api_key"]) == "unknown"


def test_a_key_of_another_project_is_refused(service, kind, server):
    other = Project.create(server, "Another")
    owner = other.user() if kind == "user" else other.team()
    fields = {"description": "theirs", "expires_at_millis": None, f"{kind}_id": owner}
    key = other.post(f"/{kind}-api-keys", **fields)["value"]
    service.secrets.append(key)
    assert service.protected(kind, key).status_code == 401
    assert service.validity(kind, key) == "unknown"


@pytest.mark.parametrize("header", [None, "", "garbage", "sk_", "schlüssel".encode("latin-1"), "x" * 4000])
def test_what_is_no_key_is_refused(service, kind, header):
    assert service.protected(kind, header).status_code == 401


def test_a_key_with_another_last_character_is_refused(service, kind, owner):
    api_key = service.created(kind, owner)["api_key"]
    altered = api_key[:-1] + ("0" if api_key[-1] != "0" else "1")
    assert service.protected(kind, altered).status_code == 401


def test_the_whole_key_is_answered_once_and_never_stored_on_the_way(service, kind, owner):
    answer = service.create(kind, owner, description="for the backup")
    assert answer.status_code == 201
    assert "no-store" in answer.headers["cache-control"]
    api_key = answer.json()["api_key"]
    later = service.ask("GET", f"/{kind}/{owner}/keys")
    assert [key["description"] for key in later.json()["keys"]] == ["for the backup"]
    assert api_key not in later.text


def test_keys_are_listed_newest_first_with_their_validity(service, kind, owner):
    expires_at_millis = in_an_hour_millis()
    revoked = service.created(kind, owner, description="revoked")
    service.created(kind, owner, description="expired", expires_at_millis=LONG_AGO_MILLIS)
    service.created(kind, owner, description="valid", expires_at_millis=expires_at_millis)
    assert service.revoke(kind, owner, revoked["id"]).status_code == 200
    listed = [(key["description"], key["expires_at_millis"], key["validity"]) for key in service.list(kind, owner)]
    assert listed == [
        ("valid", expires_at_millis, "valid"),
        ("expired", LONG_AGO_MILLIS, "expired"),
        ("revoked", None, "manually-revoked"),
    ]


def test_a_key_is_not_revoked_through_another_owner(service, kind, owner, project):
    key = service.created(kind, owner)
    stranger = project.user() if kind == "user" else project.team()
    assert service.revoke(kind, stranger, key["id"]).status_code == 404
    assert service.protected(kind, key["api_key"]).status_code == 200


def test_what_is_not_there_is_not_found(service, kind, owner):
    assert service.create(kind, str(uuid.uuid4())).status_code == 404
    assert service.revoke(kind, owner, str(uuid.uuid4())).status_code == 404
    assert service.create(kind, "me").status_code in (404, 422)


@pytest.mark.parametrize("expires_at_millis", ["soon", 8_640_000_000_000_001])
def test_an_expiry_that_is_no_instant_makes_no_key(service, kind, owner, expires_at_millis):
    assert service.create(kind, owner, expires_at_millis=expires_at_millis).status_code in (400, 422)
    assert service.list(kind, owner) == []


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "{}", '{"description":null}'])
def test_a_body_that_says_nothing_makes_no_key(service, kind, owner, body):
    headers = {"content-type": "application/json"}
    answer = service.ask("POST", f"/{kind}/{owner}/keys", data=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert service.list(kind, owner) == []


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_is_let_in_while_latchkey_is_away(name, project, tmp_path):
    # Bound and never listened on: a connection is refused, and nobody else can take the port.
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings = project.settings() | {"LATCHKEY_URL": f"http://127.0.0.1:{nobody.getsockname()[1]}"}
        with start(name, settings, tmp_path / "service.log") as service:
            assert service.protected("user", "garbage").status_code == 503


@pytest.mark.parametrize("name", SERVICES)
def test_a_wrong_server_key_is_not_taken_for_a_wrong_api_key(name, project, tmp_path):
    settings = project.settings() | {"LATCHKEY_SECRET_SERVER_KEY": "ssk_" + "0" * 45}
    with start(name, settings, tmp_path / "service.log") as service:
        assert service.protected("user", WELL_FORMED).status_code == 503
