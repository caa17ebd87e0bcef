"""A service whose users and teams have API keys: Flask, and Latchkey over plain HTTP.

Anyone who can reach the routes below /user/… and /team/… can manage that owner's keys: put your own sign-in in front.
"""

import os
from time import time

import requests
from flask import Flask, abort, request

URL = os.environ["LATCHKEY_URL"].rstrip("/") + "/api/v1"
HEADERS = {
    "x-stack-access-type": "server",
    "x-stack-project-id": os.environ["LATCHKEY_PROJECT_ID"],
    "x-stack-secret-server-key": os.environ["LATCHKEY_SECRET_SERVER_KEY"],
}
TIMEOUT_SECONDS = 5

# Why a key is invalid. A key of the other kind is treated as unknown.
REFUSED = {
    "API_KEY_REVOKED": "manually-revoked",
    "API_KEY_EXPIRED": "expired",
    "API_KEY_NOT_FOUND": "unknown",
    "WRONG_API_KEY_TYPE": "unknown",
}
# Errors that are the caller's fault. Any other is a fault of this service or of Latchkey.
CALLERS_FAULT = {"SCHEMA_ERROR", "USER_NOT_FOUND", "TEAM_NOT_FOUND", "API_KEY_NOT_FOUND"}

app = Flask(__name__)


@app.post("/<any(user,team):kind>/<uuid:owner>/keys")
def create(kind, owner):
    wanted = {name: body().get(name) for name in ("description", "expires_at_millis")}
    key = latchkey("POST", f"/{kind}-api-keys", json={**wanted, f"{kind}_id": str(owner)}).json()
    # The only response with the whole key; later ones have only its last four characters.
    return {**shown(key), "api_key": key["value"]}, 201, {"Cache-Control": "no-store"}


@app.get("/<any(user,team):kind>/<uuid:owner>/keys")
def list_keys(kind, owner):
    keys = latchkey("GET", f"/{kind}-api-keys", params={f"{kind}_id": str(owner)}).json()["items"]
    return {"keys": [shown(key) for key in keys]}


@app.post("/<any(user,team):kind>/<uuid:owner>/keys/<uuid:key_id>/revoke")
def revoke(kind, owner, key_id):
    path, of_owner = f"/{kind}-api-keys/{key_id}", {f"{kind}_id": str(owner)}
    # The server key can change any key of the project, so check the owner here.
    if latchkey("GET", path, params=of_owner).json()[f"{kind}_id"] != str(owner):
        abort(404)
    return shown(latchkey("PATCH", path, params=of_owner, json={"revoked": True}).json())


@app.post("/<any(user,team):kind>/validity")
def validity(kind):
    return {"validity": check(kind, body().get("api_key"))[0]}


@app.get("/protected/<any(user,team):kind>")
def protected(kind):
    api_key = request.headers.get("X-Stack-Api-Key")
    key = check(kind, api_key)[1] if api_key else None
    if key is None:
        return {"error": f"A valid API key of a {kind} is required."}, 401
    return {f"{kind}_id": key[f"{kind}_id"]}


def check(kind, api_key):
    """Returns the validity of a key, and the key itself if it is valid."""
    try:
        return "valid", latchkey("POST", f"/{kind}-api-keys/check", json={"api_key": api_key}).json()
    except requests.HTTPError as error:
        if reason := REFUSED.get(known_error(error)):
            return reason, None
        raise


def latchkey(method, path, **more):
    answer = requests.request(
        method, URL + path, headers=HEADERS, timeout=TIMEOUT_SECONDS, allow_redirects=False, **more
    )
    answer.raise_for_status()
    return answer


def known_error(error):
    return error.response.headers.get("x-stack-known-error") if error.response is not None else None


def shown(key):
    """Returns what callers see of a key. Revoked takes precedence over expired."""
    expires_at_millis = key.get("expires_at_millis")
    expired = expires_at_millis is not None and expires_at_millis <= time() * 1000
    revoked = "manually_revoked_at_millis" in key
    return {
        "id": key["id"],
        "description": key["description"],
        "expires_at_millis": expires_at_millis,
        "validity": "manually-revoked" if revoked else "expired" if expired else "valid",
    }


def body():
    sent = request.get_json(silent=True)
    return sent if isinstance(sent, dict) else abort(400)


@app.errorhandler(requests.RequestException)
def refused(error):
    if known_error(error) in CALLERS_FAULT:
        return {"error": error.response.json()["error"]}, error.response.status_code
    app.logger.error("Latchkey: %s", error)
    return {"error": "API keys are not available at the moment."}, 503
