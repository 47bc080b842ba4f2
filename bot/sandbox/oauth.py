"""The consent page of an installation: who agrees to what, in which workspace."""

import hmac
import html
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.sandbox.acts.actor import actor
from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError
from bot.sandbox.scopes import SCOPES
from bot.sandbox.seed import App, Person, Team
from bot.sandbox.world import World

PAGE = Template((Path(__file__).parent / "page" / "consent.html").read_text())
LOCAL = ("127.0.0.1", "localhost", "::1")
# an answer leads back to the app, which the page's own policy would not let a form do
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self' http: https:"
)
SIGNED_IN = "sandbox_as"
"""The cookie by which the sandbox's page says whom one acts as there."""
Asked = QueryParams | FormData


class RefusedError(Exception):
    """The request is not good, and its redirect URI may not be either: it is said here."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def authorize(core: Core, request: Request) -> Response:
    """Show what the app asks for; a POST is the answer."""
    asked: Asked = request.query_params
    if request.method == "POST":
        asked = await request.form()
    try:
        _from_this_page(request)
        app = _app(core.world, _text(asked, "client_id"))
        back = _back(app, asked)
        scopes = _scopes(asked)
        agrees = _text(asked, "as") if request.method == "POST" else _at_once(core, asked)
        if _text(asked, "answer") == "cancel":
            return _return(back, asked, error="access_denied")
        if not agrees:
            signed_in = request.cookies.get(SIGNED_IN, "")
            return _page(_consent(core.world, app, scopes, asked, signed_in))
        return _return(back, asked, code=_grant(core, app, agrees, scopes, asked))
    except RefusedError as refused:
        return _page(_refusal(refused), status=400)
    except ControlError as refused:
        return _page(_refusal(RefusedError(refused.code, str(refused))), status=400)


def _from_this_page(request: Request) -> None:
    """An answer that another site's page sends is nobody's; browsers say where one comes from."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    if request.method == "POST" and site != "same-origin":
        raise RefusedError("invalid_request", "Answer on the page itself.")


def _text(asked: Asked, name: str) -> str:
    value = asked.get(name)
    return value if isinstance(value, str) else ""


def _app(world: World, client_id: str) -> App:
    for app in world.apps.values():
        if client_id and hmac.compare_digest(app.client_id.encode(), client_id.encode()):
            return app
    raise RefusedError("invalid_client_id", "No app has this client_id.")


def _back(app: App, asked: Asked) -> str:
    """Where the answer goes: what was asked for if the app allows it, else the app's first."""
    wanted = _text(asked, "redirect_uri")
    if not wanted and app.redirect_urls:
        return app.redirect_urls[0]
    if app.redirect_urls:
        allowed = any(wanted.startswith(url) for url in app.redirect_urls)
    else:
        parts = urlsplit(wanted)
        allowed = parts.scheme in ("http", "https") and parts.hostname in LOCAL
    if not allowed:
        raise RefusedError(
            "bad_redirect_uri", "redirect_uri did not match any configured URIs of this app."
        )
    return wanted


def _scopes(asked: Asked) -> tuple[str, ...]:
    scopes = tuple(part.strip() for part in _text(asked, "scope").split(",") if part.strip())
    if not scopes:
        raise RefusedError("no_scopes", "The request asks for no scope.")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise RefusedError("invalid_scope", f"Slack knows no scope {', '.join(unknown)}.")
    return tuple(dict.fromkeys(scopes))


def _at_once(core: Core, asked: Asked) -> str | None:
    """Who agrees without looking: a test says so in the address or beforehand."""
    return _text(asked, "agree") or core.consents


def _grant(core: Core, app: App, user: str, scopes: tuple[str, ...], asked: Asked) -> str:
    who = actor(core, user)
    if who.is_restricted:
        raise RefusedError("restricted_action", "A guest cannot add apps to a workspace.")
    return core.world.tickets.code(
        app_id=app.app_id,
        team_id=who.team_id,
        user=who.id,
        scopes=scopes,
        redirect_uri=_text(asked, "redirect_uri") or None,
    )


def _return(back: str, asked: Asked, **answer: str) -> Response:
    if "state" in asked:
        answer["state"] = _text(asked, "state")
    parts = urlsplit(back)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *answer.items()])
    return RedirectResponse(urlunsplit(parts._replace(query=query)), status_code=302)


def _page(body: str, *, status: int = 200) -> Response:
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(PAGE.substitute(body=body), status_code=status, headers=headers)


def _refusal(refused: RefusedError) -> str:
    return (
        "<h1>Something went wrong when authorizing this app</h1>"
        f'<p>{html.escape(str(refused))}</p><p class="code">{html.escape(refused.code)}</p>'
    )


def _consent(world: World, app: App, scopes: tuple[str, ...], asked: Asked, signed_in: str) -> str:
    wishes = "".join(
        f"<li>{html.escape(SCOPES[scope])}<span>{scope}</span></li>" for scope in scopes
    )
    kept = ("client_id", "scope", "redirect_uri", "state")
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(_text(asked, name))}">'
        for name in kept
        if name in asked
    )
    name = html.escape(app.name)
    return (
        f'<img class="mark" src="/avatar/{html.escape(app.bot_user_id)}" alt="">'
        f"<h1><b>{name}</b> asks to be added to a workspace</h1>"
        f'<form method="post" action="/oauth/v2/authorize">{hidden}'
        f'<label for="as">Workspace, and who adds it</label>'
        f'<select id="as" name="as">{_choices(world, signed_in)}</select>'
        f"<h2>What will {name} be able to do?</h2><ul>{wishes}</ul>"
        '<div class="answers"><button name="answer" value="cancel">Cancel</button>'
        '<button class="solid" name="answer" value="allow">Allow</button></div></form>'
    )


def _choices(world: World, signed_in: str) -> str:
    return "".join(
        _group(team, [person for person in world.people.values() if _may(person, team)], signed_in)
        for team in world.teams.values()
    )


def _may(person: Person, team: Team) -> bool:
    is_here = person.team_id == team.id and not person.is_stranger
    return is_here and not (person.is_bot or person.deleted or person.is_restricted)


def _group(team: Team, people: list[Person], signed_in: str) -> str:
    options = "".join(
        f'<option value="{html.escape(person.id)}"{" selected" * (person.id == signed_in)}>'
        f"{html.escape(team.name)} · {html.escape(person.real_name)}</option>"
        for person in sorted(people, key=lambda person: not person.is_admin)
    )
    return f'<optgroup label="{html.escape(team.name)}">{options}</optgroup>'
