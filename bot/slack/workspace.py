"""What Slack tells about the workspace itself: people who changed, and the bot being removed."""

import structlog

from bot.domain.errors import RetryableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member
from bot.slack.directory import to_member
from bot.slack.dispatch import Routes
from bot.slack.installation import moment_of
from bot.slack.interaction import Happened
from bot.slack.tools import Reply, Tools
from bot.usecases.member import recall
from bot.usecases.outbox import access_granted

log = structlog.get_logger()


async def person_changed(tools: Tools, happened: Happened) -> Reply:
    """Forget what is cached of a person: they may have left, or moved to another zone.

    Where they may do or see other things now, Slack is asked about them at once, for every process;
    most changes are of a status or a picture.
    """
    workspace, user = happened.workspace, UserId(happened.user)
    await tools.directory.forget(workspace, user)
    known, told = await tools.db.read(recall, workspace, user), happened.event.get("user")
    if known is not None and isinstance(told, dict):
        now = to_member({**told, "id": user}, workspace=workspace, seen_at=tools.clock.now())
        if _standing(now) != _standing(known):
            tools.after_ack(happened, _ask_about(tools, workspace, user))
    return None


def _standing(member: Member) -> tuple[bool, ...]:
    return member.is_guest, member.is_admin, member.is_deactivated


async def _ask_about(tools: Tools, workspace: WorkspaceId, user: UserId) -> None:
    try:
        await tools.directory.member(workspace, user)
    except RetryableError as error:  # whoever needs the person next asks again
        log.info("member.not_learned", user=user, cause=str(error))


async def uninstalled(tools: Tools, happened: Happened) -> Reply:
    """Forget the token and stop calling Slack for that workspace, in every process.

    News from before the last install is old news, unless Slack's clock and ours differ; so Slack
    is asked whether the token works.
    """
    if happened.type == "tokens_revoked" and not (happened.event.get("tokens") or {}).get("bot"):
        return None  # a person's own token; the bot's is still there
    at = moment_of(happened.at)
    is_newer = await tools.installations.note_removal(
        happened.workspace, at=at, reason=happened.type
    )
    installation = tools.installations.get(happened.workspace)
    if is_newer and installation is not None:
        tools.after_ack(happened, tools.api.check(installation))
    return None


async def let_in(tools: Tools, happened: Happened) -> Reply:
    """An organisation's workspace has the bot again, or for the first time: what waited goes out.

    Where one is taken away Slack refuses what is for it, and nobody else's waits for that.
    """
    await tools.db.write(access_granted, happened.workspace, now=tools.clock.now())
    return None


async def shut_out(_tools: Tools, happened: Happened) -> Reply:
    """An organisation's workspace took the bot away: Slack refuses what is for it from now on."""
    log.info("team.access_revoked", teams=happened.event.get("team_ids"))
    return None


ROUTES = Routes(
    events={
        "team_access_granted": let_in,
        "team_access_revoked": shut_out,
        "user_change": person_changed,
        "app_uninstalled": uninstalled,
        "tokens_revoked": uninstalled,
    }
)
