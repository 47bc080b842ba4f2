"""The routes of a process, put together."""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from bot.web.errors import ErrorEdge, http_error
from bot.web.health import Readiness, healthz, readyz
from bot.web.install import InstallPages
from bot.web.page import front_page
from bot.web.slack_events import SlackEvents

Measure = Callable[[], Awaitable[None]]


async def _measured_already() -> None:
    """For a process whose figures all count by themselves."""


def create_app(
    *,
    readiness: Readiness,
    measure: Measure = _measured_already,
    slack: ASGIApp | None,
    signing_secrets: Sequence[str] = (),
    main_command: str = "/stilltrue",
    webhooks: ASGIApp | None = None,
    install: InstallPages | None = None,
) -> ASGIApp:
    """Return what `run` and `web` serve.

    Args:
        readiness: Asked by each `/readyz`.
        measure: Brings the figures that are read from the database up to date.
        slack: Takes Slack's requests; None in Socket Mode, where `/slack/events` is not there.
        signing_secrets: What a request may be signed with.
        main_command: Named on the page that a person sees.
        webhooks: Takes what incident tools send.
        install: Lets any workspace install the bot; None: it serves one.
    """
    page = HTMLResponse(front_page(main_command, can_install=install is not None))
    routes: list[BaseRoute] = [
        Route("/", _fixed(page)),
        *_health(readiness),
        Route("/metrics", _metrics(measure, is_public=True)),
    ]
    if slack is not None:
        # First: it is asked for most.
        routes.insert(
            0, Route("/slack/events", SlackEvents(slack, signing_secrets=signing_secrets))
        )
    if webhooks is not None:
        routes.append(Route("/webhooks/{source}/{address}", webhooks))
    if install is not None:
        routes += install.routes
    return _with_errors(routes)


def create_worker_app(*, readiness: Readiness, measure: Measure = _measured_already) -> ASGIApp:
    """Return what `worker` serves: its health and its figures."""
    figures = Route("/metrics", _metrics(measure, is_public=False))
    return _with_errors([*_health(readiness), figures])


def _metrics(measure: Measure, *, is_public: bool) -> Callable[[Request], Awaitable[Response]]:
    """Answer with the figures; on a port that the world reaches, only to this private network."""

    async def answer(request: Request) -> Response:
        if is_public and not _is_near(request):
            raise HTTPException(status_code=404)
        await measure()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return answer


def _is_near(request: Request) -> bool:
    """Whether a neighbour asks: by a private address, and not through a proxy."""
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    try:
        return ip_address(request.client.host).is_private
    except ValueError:
        return False


def _health(readiness: Readiness) -> list[BaseRoute]:
    return [Route("/healthz", healthz), Route("/readyz", readyz(readiness))]


def _with_errors(routes: list[BaseRoute]) -> ASGIApp:
    return Starlette(
        routes=routes,
        exception_handlers={HTTPException: http_error},
        middleware=[Middleware(ErrorEdge)],
    )


def _fixed(response: Response) -> Callable[[Request], Response]:
    def answer(_request: Request) -> Response:
        return response

    return answer
