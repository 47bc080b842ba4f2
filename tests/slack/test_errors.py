"""Each error code of Slack's that a sender of messages meets, and who can do something about it."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import BotError, OperatorFixableError, RetryableError, UserFixableError
from bot.slack.errors import WorkspaceGoneError, outcome_of, translated
from bot.usecases.ports import Ambiguous, Blocked, NotSent, Outcome, Refused

# As Slack's reference of its methods and the notes on it have them, a line to a class.
# `message_limit_exceeded` costs a plan, not a wait. `team_access_not_granted` is for an
# organisation's admin: what it keeps back goes out once Slack says that the bot was let in.
RETRIED = (
    "ratelimited rate_limited service_unavailable org_login_required team_added_to_org "
    "external_channel_migrating"
)
UNCLEAR = "internal_error fatal_error request_timeout"
FOR_A_PERSON = (
    "user_not_found user_not_visible user_disabled cannot_dm_bot channel_not_found "
    "not_in_channel is_archived is_inactive restricted_action "
    "restricted_action_read_only_channel restricted_action_thread_only_channel "
    "restricted_action_thread_locked message_limit_exceeded invalid_user_combination "
    "method_not_supported_for_channel_type team_access_not_granted view_not_found not_found "
    "message_not_found cant_update_message edit_window_closed"
)
FOR_THE_OPERATOR = (
    "missing_scope not_allowed_token_type token_expired invalid_auth not_authed no_permission "
    "access_denied app_access_restricted ekm_access_denied enterprise_is_restricted "
    "two_factor_setup_required accesslimited messages_tab_disabled not_enabled"
)
GONE = "token_revoked account_inactive team_not_found invalid_team"
OURS = (
    "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text "
    "invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data "
    "missing_post_type metadata_too_large markdown_text_conflict too_many_attachments "
    "view_too_large duplicate_external_id push_limit_reached users_list_not_supplied"
)
CLASSES: list[tuple[list[str], type[Outcome], type[BotError]]] = [
    (RETRIED.split(), NotSent, RetryableError),
    (UNCLEAR.split(), Ambiguous, RetryableError),
    ([*FOR_A_PERSON.split(), "account deleted"], Refused, UserFixableError),
    (FOR_THE_OPERATOR.split(), Blocked, OperatorFixableError),
    (GONE.split(), Blocked, WorkspaceGoneError),
    (OURS.split(), Refused, OperatorFixableError),
]


def refusal(code: str) -> SlackApiError:
    answer = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="https://slack.com/api/chat.postMessage",
        req_args={},
        data={"ok": False, "error": code},
        headers={},
        status_code=200,
    )
    return SlackApiError("refused", answer)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("code", "outcome", "kind"),
    [(code, outcome, kind) for codes, outcome, kind in CLASSES for code in codes],
)
def test_each_code_is_for_whoever_can_do_something_about_it(
    code: str, outcome: type[Outcome], kind: type[BotError]
) -> None:
    became = outcome_of(refusal(code))

    assert type(became) is outcome
    assert became.cause == code  # type: ignore[union-attr]
    assert type(translated(refusal(code))) is kind


def test_each_code_that_is_for_a_person_has_a_sentence_of_its_own() -> None:
    told = [str(translated(refusal(code))) for code in FOR_A_PERSON.split()]

    assert len(set(told)) == len(told)
    assert all(sentence.endswith(".") and sentence.count(". ") == 1 for sentence in told)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("invalid_auth", "SLACK_BOT_TOKEN"),
        ("missing_scope", "stilltrue manifest"),
        ("access_denied", "Ask an admin"),
        ("messages_tab_disabled", "App Home"),
        ("token_revoked", "Install the app again"),
    ],
)
def test_the_operator_reads_what_mends_that_very_code(code: str, word: str) -> None:
    became, error = outcome_of(refusal(code)), translated(refusal(code))

    assert isinstance(became, Blocked)
    assert word in became.fix
    assert isinstance(error, OperatorFixableError)
    assert error.fix == became.fix


def test_what_never_left_is_surely_not_sent() -> None:
    gone = aiohttp.ClientConnectorDNSError(None, OSError("no such name"))  # type: ignore[arg-type]

    assert outcome_of(gone) == NotSent("no connection")
