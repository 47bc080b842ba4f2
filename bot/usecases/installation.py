"""Installing the bot into a workspace, and its removal, in whatever order they are heard."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

import structlog
from sqlalchemy import Connection

from bot.domain.ids import WorkspaceId
from bot.domain.installation import Installation, InstallationState, UnreadableToken
from bot.store import installation as installations
from bot.store import oauth_state, webhook
from bot.store import workspace as workspaces
from bot.store.oauth_state import OauthState
from bot.usecases.outbox import resume_blocked

log = structlog.get_logger()

TIME_TO_INSTALL = timedelta(minutes=10)  # Slack's code lives as long
_KEPT = timedelta(hours=1)  # so long a late one is told that it is late
_UNFINISHED_MAX = 10_000  # anybody may begin, so it has a bound; the oldest make room
_INSTANT = timedelta(microseconds=1)


def install(
    tx: Connection, new: Installation, *, keeps_token: bool, is_alive: bool = False
) -> Installation | None:
    """Install the bot, or install it again with all its data; None where it was removed since.

    What waited for its return is due at once.

    Args:
        tx: The transaction.
        new: As Slack described it; `workspace.installed_at` is before its token was given.
        keeps_token: Whether the token is stored; else the environment has it.
        is_alive: Slack says just now that the token works, whatever the clocks say.
    """
    # Locked: of two processes that start at once the second has to see what the first notes.
    before, now = installations.lock(tx, new.workspace.id), new.workspace.installed_at
    if is_alive:
        new = _after(before, new)
    if not installations.put(tx, new, keeps_token=keeps_token):
        return None
    workspaces.put(tx, new.workspace)
    resume_blocked(tx, new.workspace.id, now=now)
    if not before.is_installed:
        log.info(
            "workspace.installed",
            workspace=new.workspace.id,
            by=new.installed_by,
            is_back=before.installed_at is not None or before.removed_at is not None,
        )
    return new


def _after(before: InstallationState, new: Installation) -> Installation:
    """Return it as newer than all that was heard."""
    known = [moment + _INSTANT for moment in (before.installed_at, before.removed_at) if moment]
    at = max([new.workspace.installed_at, *known])
    return replace(new, workspace=replace(new.workspace, installed_at=at))


def note_removal(tx: Connection, workspace: WorkspaceId, *, at: datetime, reason: str) -> bool:
    """Forget the token, unless it is newer than the removal; return whether the bot is gone by it.

    What is due for that workspace waits from now on, in every process.
    """
    is_gone = installations.remove(tx, workspace, at=at, reason=reason)
    if is_gone:
        log.warning("workspace.removed", workspace=workspace, reason=reason)
    return is_gone


def installation_states(
    tx: Connection, *, changed_within: timedelta | None = None
) -> list[InstallationState]:
    return installations.states(tx, changed_within=changed_within)


def installation_state(tx: Connection, workspace: WorkspaceId) -> InstallationState | None:
    return installations.state_of(tx, workspace)


def installations_of(tx: Connection, *workspaces: WorkspaceId) -> list[Installation]:
    """Return those of `workspaces` where the bot is installed by a stored token that opens."""
    return installations.with_token(tx, *workspaces)


def stored_tokens(
    tx: Connection, *workspaces: WorkspaceId
) -> tuple[list[Installation], list[UnreadableToken]]:
    """Return those of `workspaces` whose stored token opens, and those whose does not."""
    opened = installations.with_token(tx, *workspaces)
    rest = {*workspaces} - {one.workspace.id for one in opened}
    return opened, installations.unreadable_tokens(tx, among=rest) if rest else []


def unreadable_tokens(tx: Connection) -> list[UnreadableToken]:
    """Return the stored tokens that cannot be opened: their workspaces need a new install."""
    return installations.unreadable_tokens(tx)


class Begun(Enum):
    """What became of an install that somebody comes back to finish."""

    IN_TIME = "in time"
    TOO_LATE = "too late"
    ELSEWHERE = "another browser began it"
    UNKNOWN = "nobody began it, or it was finished"


def begin_install(tx: Connection, state: str, browser: str, *, now: datetime) -> None:
    """Let one install be finished with `state` by `browser`; both are secrets."""
    oauth_state.forget_before(tx, now - _KEPT)
    surplus = oauth_state.count(tx) + 1 - _UNFINISHED_MAX
    if surplus > 0:
        oauth_state.forget_oldest(tx, surplus)
    begun = OauthState(state=_hash(state), browser=_hash(browser), expires_at=now + TIME_TO_INSTALL)
    oauth_state.add(tx, begun)


def finish_install(tx: Connection, state: str, browser: str, *, now: datetime) -> Begun:
    """Say whether the install may be finished; of several who ask at once, one may."""
    taken = oauth_state.take(tx, _hash(state), _hash(browser))
    if taken is not None:
        return Begun.IN_TIME if now < taken.expires_at else Begun.TOO_LATE
    return Begun.ELSEWHERE if oauth_state.is_known(tx, _hash(state)) else Begun.UNKNOWN


def check_keys(tx: Connection) -> None:
    """Open what is opened late else, when a tool calls; one that is broken stops no other.

    Raises:
        FatalError: Nothing of it can be opened, since a key is not there.
    """
    for workspace, endpoint, cause in webhook.check_sealed(tx):
        log.error(
            "webhook.unreadable",
            workspace=workspace,
            endpoint=endpoint,
            cause=cause,
            fix="Remove the endpoint and add a new one with `stilltrue webhook`.",
        )


def seal_anew(tx: Connection) -> tuple[int, int]:
    """Seal all with the first key; return how many tokens and how many webhooks' secrets it was.

    Raises:
        FatalError: A key that something stored needs is not there.
    """
    return installations.seal_anew(tx), webhook.seal_anew(tx)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
