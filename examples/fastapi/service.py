"""A service whose users and teams have API keys: FastAPI, and Latchkey over plain HTTP.

Anyone who can reach the routes below /user/… and /team/… can manage that owner's keys: put your own sign-in in front.
"""

import logging
import os
from time import time
from typing import Annotated, Literal
from uuid import UUID

import requests
from fastapi import Body, FastAPI, Header, HTTPException, Response
from fastapi.responses import JSONResponse

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

Kind = Literal["user", "team"]

app = FastAPI()
log = logging.getLogger("uvicorn.error")


@app.post("/{kind}/{owner}/keys", status_code=201)
def create(
    kind: Kind,
    owner: UUID,
    response: Response,
    description: Annotated[str, Body()],
    expires_at_millis: Annotated[int | None, Body()] = None,
):
    wanted = {"description": description, "expires_at_millis": expires_at_millis, f"{kind}_id": str(owner)}
    key = latchkey("POST", f"/{kind}-api-keys", json=wanted).json()
    # The only response with the whole key; later ones have only its last four characters.
    response.headers["Cache-Control"] = "no-store"
    return {**shown(key), "api_key": key["value"]}


@app.get("/{kind}/{owner}/keys")
def list_keys(kind: Kind, owner: UUID):
    keys = latchkey("GET", f"/{kind}-api-keys", params={f"{kind}_id": str(owner)}).json()["items"]
    return {"keys": [shown(key) for key in keys]}


@app.post("/{kind}/{owner}/keys/{key_id}/revoke")
def revoke(kind: Kind, owner: UUID, key_id: UUID):
    path, of_owner = f"/{kind}-api-keys/{key_id}", {f"{kind}_id": str(owner)}
    # The server key can change any key of the project, so check the owner here.
    if latchkey("GET", path, params=of_owner).json()[f"{kind}_id"] != str(owner):
        raise HTTPException(404)
    return shown(latchkey("PATCH", path, params=of_owner, json={"revoked": True}).json())


@app.post("/{kind}/validity")
def validity(kind: Kind, api_key: Annotated[str, Body(embed=True)]):
    return {"validity": check(kind, api_key)[0]}


@app.get("/protected/{kind}")
def protected(kind: Kind, x_stack_api_key: Annotated[str | None, Header()] = None):
    key = check(kind, x_stack_api_key)[1] if x_stack_api_key else None
    if key is None:
        raise HTTPException(401, f"A valid API key of a {kind} is required.")
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


@app.exception_handler(requests.RequestException)
def refused(_request, error):
    if known_error(error) in CALLERS_FAULT:
        return JSONResponse({"error": error.response.json()["error"]}, error.response.status_code)
    log.error("Latchkey: %s", error)
    return JSONResponse({"error": "API keys are not available at the moment."}, 503)
