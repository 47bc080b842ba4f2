"""Slack's error codes, sorted once by what can be done about them; everything else asks here."""

from datetime import timedelta
from enum import Enum
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.errors import (
    BotError,
    OperatorFixableError,
    RetryableError,
    UserFixableError,
)
from bot.usecases.ports import Ambiguous, Blocked, NotSent, Outcome, Refused


class Sort(Enum):
    """What a code says about the call, and who can do something."""

    NOT_SENT = "surely not done; worth another try"
    AMBIGUOUS = "done or not, nobody knows"
    PERSON = "a person can fix it: somebody gone, a channel or a workspace without the bot"
    OPERATOR = "the operator can fix it: a scope, a token, a policy"
    GONE = "the workspace took the bot away"
    OURS = "our own mistake"
    TRIGGER = "the click is too old to open a form"
    OVERTAKEN = "somebody changed the view since: read again, draw again"


# What the person is told of each code that is for a person to mend: what is so, and what to do.
_FOR_A_PERSON = {
    "user_not_found": "Slack knows nobody of that name here. Choose somebody else.",
    "user_not_visible": "Slack does not show me that person. Choose somebody else.",
    "user_disabled": "That person's account is deactivated. Choose somebody else.",
    "account deleted": "That person's account was deleted. Choose somebody else.",
    "cannot_dm_bot": "That is a bot, and it would not answer. Choose a person.",
    "invalid_user_combination": (
        "Slack lets me write to nobody in that combination. Choose somebody else."
    ),
    "channel_not_found": "I cannot see this channel. Type /invite and my name, then try again.",
    "not_in_channel": "I am not in this channel. Type /invite and my name, then try again.",
    "is_archived": "This channel is archived. Choose another one.",
    "is_inactive": "This conversation is closed. Choose another one.",
    "method_not_supported_for_channel_type": (
        "Slack does not allow that in a conversation of this kind. Try it in a channel."
    ),
    "restricted_action": (
        "A setting of your workspace keeps me from doing that here. Ask an admin to allow it, or "
        "choose another channel."
    ),
    "restricted_action_read_only_channel": (
        "Only some people may post in this channel. Ask an admin to let me, or choose another one."
    ),
    "restricted_action_thread_only_channel": (
        "This channel takes replies in threads only. Choose another one."
    ),
    "restricted_action_thread_locked": "This thread is locked. Write outside of it.",
    "message_limit_exceeded": (
        "Your workspace has reached the message limit of its plan. Ask an admin about the plan."
    ),
    "message_not_found": "That message was deleted. Choose another one.",
    "cant_update_message": "Slack does not let me change that message. Ask me for a new one.",
    "edit_window_closed": "Slack does not let that message be changed any more. Ask for a new one.",
    "view_not_found": "That window was closed. Open it again.",
    "not_found": "What was open there was closed. Open it again.",
    # Not for the operator, as others are: an organisation lets the bot into each of its workspaces.
    "team_access_not_granted": (
        "Your organisation has not let me into that workspace. Ask an organisation admin to add me."
    ),
}
_BY_REPLACING_IT = (
    "Set the app's present Bot User OAuth Token as SLACK_BOT_TOKEN, or install the app again. "
    "Where Slack takes calls from certain addresses only, add that of this machine."
)
_BY_POLICY = "Ask an admin of the workspace to allow the app: its rules keep it out."
_BY_SCOPES = "Compare the app's scopes and settings with `stilltrue manifest`."
_BY_TABS = "Turn the tab on under App Home on your app's page."
_BY_INSTALL = "Install the app again; with SLACK_BOT_TOKEN, set the new one."
_FOR_THE_OPERATOR = {
    **dict.fromkeys(("invalid_auth", "not_authed", "token_expired"), _BY_REPLACING_IT),
    **dict.fromkeys(("missing_scope", "not_allowed_token_type", "no_permission"), _BY_SCOPES),
    **dict.fromkeys(
        (
            "access_denied",
            "app_access_restricted",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "two_factor_setup_required",
            "accesslimited",
        ),
        _BY_POLICY,
    ),
    **dict.fromkeys(("messages_tab_disabled", "not_enabled"), _BY_TABS),
}
_CODES = {
    Sort.NOT_SENT: (
        "ratelimited rate_limited service_unavailable org_login_required team_added_to_org "
        "external_channel_migrating"
    ),
    Sort.AMBIGUOUS: "internal_error fatal_error request_timeout",
    Sort.GONE: "token_revoked account_inactive team_not_found invalid_team",
    Sort.TRIGGER: (
        "expired_trigger_id trigger_expired exchanged_trigger_id trigger_exchanged "
        "invalid_trigger_id"
    ),
    Sort.OVERTAKEN: "hash_conflict",
    Sort.OURS: (
        "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text "
        "invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data "
        "missing_post_type metadata_too_large markdown_text_conflict too_many_attachments "
        "view_too_large duplicate_external_id push_limit_reached users_list_not_supplied"
    ),
}
# What the operator can do about each code for which a workspace's messages wait.
FIXES = _FOR_THE_OPERATOR | dict.fromkeys(_CODES[Sort.GONE].split(), _BY_INSTALL)
_SORTS = {
    **{code: sort for sort, codes in _CODES.items() for code in codes.split()},
    **dict.fromkeys(_FOR_A_PERSON, Sort.PERSON),
    **dict.fromkeys(_FOR_THE_OPERATOR, Sort.OPERATOR),
}
_SERVER_ERROR = 500
_TOO_MANY = 429
_WAIT_LEAST = timedelta(seconds=1)


class WorkspaceGoneError(OperatorFixableError):
    """The token is gone: that workspace's sends stop, nobody else's."""


def code_of(error: SlackApiError) -> str:
    """Slack's code; the HTTP status where the body is not Slack's (a proxy's page, say)."""
    data = getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return str(code or f"http_{_status_of(error)}")


def _status_of(error: SlackApiError) -> int:
    response: Any = error.response
    return int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)


def sort_of(error: SlackApiError) -> Sort:
    """Sort an error; a server error or an answer that is not Slack's leaves the outcome open."""
    code, status = code_of(error), _status_of(error)
    if status == _TOO_MANY:
        return Sort.NOT_SENT
    if code in _SORTS:
        return _SORTS[code]
    if status >= _SERVER_ERROR or code.startswith("http_"):
        return Sort.AMBIGUOUS
    return Sort.OURS


def retry_after(error: SlackApiError) -> timedelta | None:
    """How long Slack wants us to wait; None where it does not say.

    A refusal that asks for no wait at all gets the shortest one, else the call is made in a loop.
    """
    text = header_of(error, "retry-after")
    if text is None or not text.isdecimal():
        return None
    return max(_WAIT_LEAST, timedelta(seconds=int(text)))


def header_of(error: SlackApiError, name: str) -> str | None:
    """Return what Slack's answer says under `name`, which is in lower case."""
    headers = getattr(error.response, "headers", None) or {}
    value = next((v for k, v in headers.items() if str(k).lower() == name), None)
    text = value[0] if isinstance(value, list) else value
    return None if text is None else str(text)


def outcome_of(error: Exception) -> Outcome:
    """What became of a message whose call failed. Raises what is no failure of the call."""
    if isinstance(error, SlackApiError):
        code = code_of(error)
        match sort_of(error):
            case Sort.NOT_SENT | Sort.OVERTAKEN:
                return NotSent(cause=code, retry_after=retry_after(error))
            case Sort.AMBIGUOUS:
                return Ambiguous(cause=code)
            case Sort.OPERATOR | Sort.GONE:
                return Blocked(cause=code, fix=FIXES[code])
            case _:
                return Refused(cause=code)
    if isinstance(error, aiohttp.ClientConnectorError):
        return NotSent(cause="no connection")
    if isinstance(error, TimeoutError | aiohttp.ClientError | ConnectionError):
        return Ambiguous(cause=type(error).__name__)
    raise error


def said_or_not(error: Exception) -> BotError:
    """As `translated`, of a call that shows something: where it may have, nobody does it twice."""
    if isinstance(outcome_of(error), Ambiguous):
        return RetryableError(
            "Slack did not say whether it took that. It may be there already: look before you try "
            "again."
        )
    return translated(error)


def translated(error: Exception) -> BotError:
    """The error of ours that says who can do something. Raises what is no failure of the call."""
    if not isinstance(error, SlackApiError):
        if isinstance(error, TimeoutError | aiohttp.ClientError | ConnectionError):
            return RetryableError("Slack did not answer just now. Try again in a minute.")
        raise error
    code = code_of(error)
    match sort_of(error):
        case Sort.NOT_SENT | Sort.AMBIGUOUS | Sort.OVERTAKEN:
            return RetryableError(
                "Slack did not answer just now. Try again in a minute.",
                retry_after=retry_after(error),
            )
        case Sort.TRIGGER:
            return UserFixableError("That took too long to open. Try once more.")
        case Sort.PERSON:
            return UserFixableError(_FOR_A_PERSON[code])
        case Sort.GONE:
            return WorkspaceGoneError(
                f"Slack says {code}: the bot is no longer installed.",
                fix=FIXES[code],
                check="stilltrue doctor",
            )
        case Sort.OPERATOR | Sort.OURS:
            return OperatorFixableError(
                f"Slack refused the call: {code}.",
                fix=FIXES.get(code, _BY_SCOPES),
                check="stilltrue doctor",
            )
