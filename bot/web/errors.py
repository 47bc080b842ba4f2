"""What a caller of HTTP sees of a fault: JSON with a reference, which the log repeats."""

import secrets

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.domain.errors import OperatorFixableError, RetryableError

log = structlog.get_logger()


async def http_error(_request: Request, error: Exception) -> Response:
    """Answer what Starlette itself refuses: unknown paths and methods."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    return JSONResponse(
        {"error": error.detail.lower()}, status_code=error.status_code, headers=error.headers
    )


class ErrorEdge:
    """The edge of HTTP: what propagates this far is logged once, and answered with a reference."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - the edge
            answer = _answer(error)
            if not has_begun:
                await answer(scope, receive, send)


def _answer(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    match error:
        case RetryableError():
            log.warning("request.postponed", reference=reference, cause=str(error))
            return _problem(503, "not possible just now; try again", reference)
        case OperatorFixableError():
            log.error(
                "request.blocked",
                reference=reference,
                cause=str(error),
                fix=error.fix,
                check=error.check,
            )
            return _problem(503, "the operator of this bot has to mend something", reference)
        case _:
            log.error("request.failed", reference=reference, exc_info=error)
            return _problem(500, "a fault of the bot", reference)


def _problem(status: int, text: str, reference: str) -> Response:
    return JSONResponse({"error": text, "reference": reference}, status_code=status)
