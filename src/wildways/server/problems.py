"""Errors as problem documents (RFC 9457): what happened in plain words, never a path or a traceback."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from wildways.model import WildwaysError
from wildways.server.security import EVERYWHERE

_LOG = logging.getLogger(__name__)
_DETAILS = {
    404: "There is nothing at this address.",
    405: "Only GET and HEAD are answered here.",
    416: "The file has no such bytes. One range can be asked for at a time.",
}
_OTHERWISE = "The server could not answer. The people who run it find the reason in its log."


def problem(status: int, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None) -> Response:
    """A problem document; the same bytes for the same status, code and detail."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or _DETAILS.get(status, _OTHERWISE),
        "code": code,
    }
    known = {"cache-control": "no-store", **(headers or {})}
    return Response(json.dumps(document), status, known, "application/problem+json")


def add_problems(app: FastAPI) -> None:
    """Have every error of an application answered as a problem document."""

    @app.exception_handler(WildwaysError)
    async def _(_: Request, error: WildwaysError) -> Response:
        if error.http_status < 500:
            return problem(error.http_status, error.code, error.message)
        _LOG.error("%s", error)
        return problem(error.http_status, error.code)

    @app.exception_handler(HTTPException)
    async def _(_: Request, error: HTTPException) -> Response:
        code = HTTPStatus(error.status_code).name.lower().replace("_", "-")
        return problem(error.status_code, code, headers=error.headers)

    @app.exception_handler(Exception)
    async def _(_: Request, __: Exception) -> Response:
        return problem(500, "unexpected", headers=EVERYWHERE)
