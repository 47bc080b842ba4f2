"""Cutting a connection as a broken network does, which ASGI has no word for."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

CUT = "bot.sandbox.cut"


def cut(request: Request) -> None:
    """Ask that the caller gets a reset instead of this answer."""
    request.scope[CUT] = True


class Cuttable:
    """Wraps the whole application, so that it sees the server's own `send`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def unless_cut(message: object) -> None:
            if not scope.get(CUT):
                await send(message)  # type: ignore[arg-type]

        await self._app(scope, receive, unless_cut)
        if scope.get(CUT):
            # uvicorn's `send` is a method of the request cycle, which holds the transport
            transport = getattr(getattr(send, "__self__", None), "transport", None)
            if transport is not None:
                transport.abort()
            # until the server has seen it, or it would log an unanswered request
            while (await receive())["type"] != "http.disconnect":
                pass
