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


_CODES = {
    Sort.NOT_SENT: (
        "ratelimited rate_limited service_unavailable org_login_required team_added_to_org "
        "external_channel_migrating message_limit_exceeded"
    ),
    Sort.AMBIGUOUS: "internal_error fatal_error request_timeout",
    Sort.PERSON: (
        "user_not_found user_not_visible user_disabled cannot_dm_bot channel_not_found "
        "not_in_channel is_archived is_inactive restricted_action "
        "restricted_action_read_only_channel restricted_action_thread_only_channel "
        "restricted_action_thread_locked message_not_found cant_update_message "
        "edit_window_closed view_not_found not_found team_access_not_granted"
    ),
    Sort.OPERATOR: (
        "missing_scope not_allowed_token_type token_expired not_authed no_permission "
        "access_denied app_access_restricted ekm_access_denied "
        "enterprise_is_restricted two_factor_setup_required accesslimited messages_tab_disabled "
        "not_enabled"
    ),
    Sort.GONE: "token_revoked account_inactive invalid_auth team_not_found invalid_team",
    Sort.TRIGGER: (
        "expired_trigger_id trigger_expired exchanged_trigger_id trigger_exchanged "
        "invalid_trigger_id"
    ),
    Sort.OVERTAKEN: "hash_conflict",
    Sort.OURS: (
        "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text "
        "invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data "
        "missing_post_type metadata_too_large markdown_text_conflict too_many_attachments "
        "view_too_large duplicate_external_id push_limit_reached"
    ),
}
_SORTS = {code: sort for sort, codes in _CODES.items() for code in codes.split()}
_OPERATOR_FIXES = {
    Sort.OPERATOR: "Compare the app's scopes and settings with `stilltrue manifest`.",
    Sort.GONE: "Install the app again; with SLACK_BOT_TOKEN, set the new one.",
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
                return Blocked(cause=code, fix=_OPERATOR_FIXES[sort_of(error)])
            case _:
                return Refused(cause=code)
    if isinstance(error, aiohttp.ClientConnectorError):
        return NotSent(cause="no connection")
    if isinstance(error, TimeoutError | aiohttp.ClientError | ConnectionError):
        return Ambiguous(cause=type(error).__name__)
    raise error


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
            return UserFixableError(_PERSON_WORDS.get(code, _PERSON_ELSE))
        case Sort.GONE:
            return WorkspaceGoneError(
                f"Slack says {code}: the bot is no longer installed.",
                fix=_OPERATOR_FIXES[Sort.GONE],
                check="stilltrue doctor",
            )
        case Sort.OPERATOR | Sort.OURS:
            return OperatorFixableError(
                f"Slack refused the call: {code}.",
                fix=_OPERATOR_FIXES[Sort.OPERATOR],
                check="stilltrue doctor",
            )


_PERSON_ELSE = "Slack could not find that any more. Reload Slack and try again."
_PERSON_WORDS = {
    "not_in_channel": "I am not in this channel. Type /invite and my name, then try again.",
    "channel_not_found": "I cannot see this channel. Type /invite and my name, then try again.",
    "is_archived": "This channel is archived. Choose another one.",
    "team_access_not_granted": (
        "Your organisation has not let me into that workspace. Ask an organisation admin to add me."
    ),
}
