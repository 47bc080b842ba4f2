"""`/slack/install` and `/slack/oauth_redirect`: a person brings the bot into their workspace."""

import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.domain.errors import OperatorFixableError, RetryableError, UserFixableError
from bot.usecases.installation import TIME_TO_INSTALL, Begun, begin_install, finish_install
from bot.usecases.ports import Database, Installed, Installer
from bot.web.page import answer_page

log = structlog.get_logger()

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
COOKIE = "stilltrue_install"
_SECRET_BYTES = 32
_SECRET = re.compile(r"[\w-]{43}", re.ASCII)  # as many bytes in URL-safe base64
_AGAIN = (INSTALL, "Begin again")
_NOT_THERE = answer_page(
    "That link is not complete",
    "It lacks what Slack adds to it, so nothing was installed.",
    link=_AGAIN,
    status=400,
)


class InstallPages:
    """Sends people to Slack and takes them back. Every answer is a page; none repeats an input."""

    def __init__(
        self,
        installer: Installer,
        db: Database,
        *,
        is_secure: bool,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Args: `now` is real time in seconds; `is_secure` False only on this machine."""
        self._installer = installer
        self._db = db
        self._is_secure = is_secure
        self._now = now

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            Route(INSTALL, self.begin, methods=["GET"]),
            Route(REDIRECT, self.finish, methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response()
        state = secrets.token_urlsafe(_SECRET_BYTES)
        # A second tab must not undo what the first began.
        known = request.cookies.get(COOKIE, "")
        browser = known if _SECRET.fullmatch(known) else secrets.token_urlsafe(_SECRET_BYTES)
        try:
            await self._db.write(begin_install, state, browser, now=self._time())
        except RetryableError:
            return _not_now()
        response = RedirectResponse(self._installer.address(state), status_code=302)
        response.headers.update({"cache-control": "no-store", "referrer-policy": "no-referrer"})
        response.set_cookie(
            COOKIE,
            browser,
            max_age=int(TIME_TO_INSTALL.total_seconds()),
            path="/slack",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def finish(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response()  # whoever looks ahead at a link must not use it up
        state, browser = request.query_params.get("state", ""), request.cookies.get(COOKIE, "")
        if not _SECRET.fullmatch(state):
            return _NOT_THERE
        try:
            begun = await self._db.write(finish_install, state, browser, now=self._time())
            if begun is not Begun.IN_TIME:
                log.info("install.refused", why=begun.value)
                return _REFUSED[begun]()
            return await self._take(request)
        except RetryableError as error:
            log.warning("install.postponed", cause=str(error))
            return _not_now()

    async def _take(self, request: Request) -> Response:
        error, code = request.query_params.get("error"), request.query_params.get("code")
        if error is not None:
            return _declined(is_by_choice=error == "access_denied")
        if not code:
            return _NOT_THERE
        try:
            return _welcome(await self._installer.install(code))
        except UserFixableError as refused:
            return answer_page("Slack did not agree", str(refused), link=_AGAIN, status=400)
        except OperatorFixableError as blocked:
            reference = secrets.token_hex(4)
            log.error(  # noqa: TRY400 - the cause is known: a traceback would hide the fix
                "install.blocked",
                reference=reference,
                cause=str(blocked),
                fix=blocked.fix,
                check=blocked.check,
            )
            return answer_page(
                "Whoever runs this bot has to mend something",
                f"Nothing was installed. Give them the reference {reference}: their log says "
                "what to do. Then begin again.",
                status=503,
            )

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _welcome(installed: Installed) -> Response:
    name = installed.workspace.name or "your workspace"
    sentences = [
        f"Still True? is back in {name}, with everything that was logged there."
        if installed.is_back
        else f"Still True? is in {name}. Open it in Slack: its Home says how to begin.",
    ]
    if installed.is_org:
        sentences.append(
            "It is there for the whole organisation. Next, add it to workspaces: in Slack's "
            "organisation settings under Integrations, Installed apps."
        )
    if installed.gained and installed.is_back:
        sentences.append(f"New since last time: {', '.join(installed.gained)}.")
    return answer_page("Installed", *sentences, link=(installed.address, "Open Slack"))


def _declined(*, is_by_choice: bool) -> Response:
    if is_by_choice:
        return answer_page(
            "Not installed",
            "You said no, or an admin has to approve the app first; nothing was changed.",
            link=(INSTALL, "Ask again"),
        )
    return answer_page("Slack did not agree", "Nothing was installed.", link=_AGAIN, status=400)


def _not_now() -> Response:
    return answer_page(
        "Not just now",
        "Slack or the database did not answer, so nothing was installed. Wait a minute, then "
        "begin again.",
        link=_AGAIN,
        status=503,
    )


_REFUSED: dict[Begun, Callable[[], Response]] = {
    Begun.TOO_LATE: lambda: answer_page(
        "That took too long",
        "There are ten minutes from the first click to the last; nothing was installed.",
        link=_AGAIN,
        status=400,
    ),
    Begun.ELSEWHERE: lambda: answer_page(
        "Another browser began this",
        "Finish in the browser that you began in, with cookies allowed, or begin again here. "
        "Nothing was installed.",
        link=_AGAIN,
        status=400,
    ),
    Begun.UNKNOWN: lambda: answer_page(
        "That link was used already",
        "Each one works once. If Still True? is in your Slack, all is well; if not, begin again.",
        link=_AGAIN,
        status=400,
    ),
}
