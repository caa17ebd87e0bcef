"""A service whose users and teams have API keys: Django, and Latchkey over plain HTTP.

Anyone who can reach the routes below /user/… and /team/… can manage that owner's keys: put your own sign-in in front.
In a project of your own, the settings at the end are in settings.py and the routes in urls.py.
"""

import json
import logging
import os
from time import time

import requests
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

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

log = logging.getLogger(__name__)


@never_cache
@require_http_methods(["GET", "POST"])
def keys(request, kind, owner):
    of_owner = {f"{kind}_id": str(owner)}
    if request.method == "GET":
        found = latchkey("GET", f"/{kind}-api-keys", params=of_owner).json()["items"]
        return JsonResponse({"keys": [shown(key) for key in found]})
    wanted = {name: body(request).get(name) for name in ("description", "expires_at_millis")}
    key = latchkey("POST", f"/{kind}-api-keys", json={**wanted, **of_owner}).json()
    # The only response with the whole key; later ones have only its last four characters.
    return JsonResponse({**shown(key), "api_key": key["value"]}, status=201)


@require_POST
def revoke(_request, kind, owner, key_id):
    key_path, of_owner = f"/{kind}-api-keys/{key_id}", {f"{kind}_id": str(owner)}
    # The server key can change any key of the project, so check the owner here.
    if latchkey("GET", key_path, params=of_owner).json()[f"{kind}_id"] != str(owner):
        return JsonResponse({"error": "Not found"}, status=404)
    return JsonResponse(shown(latchkey("PATCH", key_path, params=of_owner, json={"revoked": True}).json()))


@require_POST
def validity(request, kind):
    return JsonResponse({"validity": check(kind, body(request).get("api_key"))[0]})


@require_GET
def protected(request, kind):
    api_key = request.headers.get("X-Stack-Api-Key")
    key = check(kind, api_key)[1] if api_key else None
    if key is None:
        return JsonResponse({"error": f"A valid API key of a {kind} is required."}, status=401)
    return JsonResponse({f"{kind}_id": key[f"{kind}_id"]})


def check(kind, api_key):
    """Returns the validity of a key, and the key itself if it is valid."""
    try:
        return "valid", latchkey("POST", f"/{kind}-api-keys/check", json={"api_key": api_key}).json()
    except requests.HTTPError as error:
        if reason := REFUSED.get(known_error(error)):
            return reason, None
        raise


def latchkey(method, api_path, **more):
    answer = requests.request(
        method, URL + api_path, headers=HEADERS, timeout=TIMEOUT_SECONDS, allow_redirects=False, **more
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


def body(request):
    try:
        sent = json.loads(request.body)
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(sent, dict):
        raise BadRequest
    return sent


class LatchkeyErrors(MiddlewareMixin):
    def process_exception(self, _request, error):
        if not isinstance(error, requests.RequestException):
            return None
        if known_error(error) in CALLERS_FAULT:
            return JsonResponse({"error": error.response.json()["error"]}, status=error.response.status_code)
        log.error("Latchkey: %s", error)
        return JsonResponse({"error": "API keys are not available at the moment."}, status=503)


urlpatterns = [
    route
    for kind in ("user", "team")
    for route in (
        path(f"{kind}/<uuid:owner>/keys", keys, {"kind": kind}),
        path(f"{kind}/<uuid:owner>/keys/<uuid:key_id>/revoke", revoke, {"kind": kind}),
        path(f"{kind}/validity", validity, {"kind": kind}),
        path(f"protected/{kind}", protected, {"kind": kind}),
    )
]
settings.configure(ROOT_URLCONF=__name__, MIDDLEWARE=[f"{__name__}.LatchkeyErrors"])
application = get_wsgi_application()
