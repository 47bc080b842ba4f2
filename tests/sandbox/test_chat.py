from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.conftest import Stage, make_app, make_seed, open_stage

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Hi"}}


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_message_to_a_person_opens_the_conversation_and_returns_its_id(
    stage: Stage,
) -> None:
    sent = await stage.slack.chat_postMessage(channel="U0BO", text="hey")

    assert sent["channel"].startswith("D")
    assert sent["message"]["bot_id"] == "B0BOT"
    shown = await stage.hands.messages(sent["channel"], user="U0BO")
    assert [one["text"] for one in shown] == ["hey"]


async def test_a_message_to_a_deactivated_person_is_accepted(stage: Stage) -> None:
    sent = await stage.slack.chat_postMessage(channel="U0EVE", text="hey")

    assert sent["ok"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NOWHERE", "channel_not_found"),
        ("C0BOARD", "channel_not_found"),
        ("U0NOBODY", "channel_not_found"),
        ("U0BOT", "cannot_dm_bot"),
        ("USLACKBOT", "cannot_dm_bot"),
        ("C0OPEN", "not_in_channel"),
        ("C0OLD", "is_archived"),
        ("", "invalid_arguments"),
    ],
)
async def test_a_message_that_cannot_arrive_is_refused(
    stage: Stage, channel: str, error: str
) -> None:
    await stage.hands.post("channels", id="C0OPEN", name="open", members=["U0ANA"])
    await stage.hands.post("channels", id="C0OLD", name="old", members=["U0BOT"], is_archived=True)

    answer = await stage.api("chat.postMessage", {"channel": channel, "text": "x"})

    assert answer["error"] == error


async def test_a_channel_may_be_named(stage: Stage) -> None:
    sent = await stage.slack.chat_postMessage(channel="#apollo", text="hey")

    assert sent["channel"] == "C0APOLLO"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"blocks": "[{"}, "invalid_blocks_format"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"markdown_text": "y" * 12_001}, "msg_too_long"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"k": "v" * 17_000}}},
            "metadata_too_large",
        ),
        ({"text": "x", "thread_ts": "1.2"}, "thread_not_found"),
        (
            {"blocks": [{"type": "image", "alt_text": "a", "slack_file": {"id": "F1"}}]},
            "invalid_blocks",
        ),
    ],
)
async def test_content_that_slack_refuses_is_refused(
    stage: Stage, content: dict[str, Any], error: str
) -> None:
    answer = await stage.api("chat.postMessage", {"channel": "C0APOLLO", **content})

    assert answer["error"] == error


async def test_a_text_is_cut_at_forty_thousand_characters_and_escaped(stage: Stage) -> None:
    sent = await stage.slack.chat_postMessage(channel="C0APOLLO", text="a" * 40_001)
    odd = await stage.slack.chat_postMessage(
        channel="C0APOLLO", text="a & b &amp; <c> <@U0BO> <!here> <https://x.y|z>"
    )

    assert len(sent["message"]["text"]) == 40_000
    assert odd["message"]["text"] == ("a &amp; b &amp; &lt;c&gt; <@U0BO> <!here> <https://x.y|z>")


async def test_an_update_with_text_alone_drops_the_blocks(stage: Stage) -> None:
    sent = await stage.slack.chat_postMessage(channel="U0BO", text="a", blocks=[SECTION])

    changed = await stage.slack.chat_update(channel=sent["channel"], ts=sent["ts"], text="b")

    assert changed["text"] == "b"
    assert "blocks" not in changed["message"]
    assert changed["message"]["edited"]["user"] == "U0BOT"


async def test_an_update_keeps_the_metadata_it_does_not_name(stage: Stage) -> None:
    kept = {"event_type": "card", "event_payload": {"key": "APOLLO-1"}}
    sent = await stage.slack.chat_postMessage(channel="C0APOLLO", text="a", metadata=kept)

    await stage.slack.chat_update(channel="C0APOLLO", ts=sent["ts"], text="b")

    history = await stage.slack.conversations_history(channel="C0APOLLO", include_all_metadata=True)
    assert history["messages"][0]["metadata"] == kept
    bare = await stage.slack.conversations_history(channel="C0APOLLO")
    assert "metadata" not in bare["messages"][0]


async def test_what_cannot_be_updated_or_deleted_is_refused(stage: Stage) -> None:
    typed = await stage.hands.post("compose", channel="C0APOLLO", text="mine")
    sent = await stage.slack.chat_postMessage(channel="U0BO", text="a")
    where = {"channel": "C0APOLLO", "ts": typed["ts"]}

    assert await error_of(stage.slack.chat_update(**where, text="b")) == "cant_update_message"
    assert await error_of(stage.slack.chat_delete(**where)) == "cant_delete_message"
    assert (
        await error_of(stage.slack.chat_update(channel="U0BO", ts=sent["ts"], text="b"))
        == "channel_not_found"
    )
    assert (
        await error_of(stage.slack.chat_update(channel="C0APOLLO", ts="1.2", text="b"))
        == "message_not_found"
    )
    assert (
        await error_of(
            stage.slack.chat_update(channel=sent["channel"], ts=sent["ts"], text="b" * 4001)
        )
        == "msg_too_long"
    )


async def test_a_deleted_message_is_gone(stage: Stage) -> None:
    sent = await stage.slack.chat_postMessage(channel="C0APOLLO", text="a")

    await stage.slack.chat_delete(channel="C0APOLLO", ts=sent["ts"])

    assert await stage.hands.messages("C0APOLLO") == []


async def test_an_ephemeral_message_is_seen_by_one_person_and_by_no_history(
    stage: Stage,
) -> None:
    sent = await stage.slack.chat_postEphemeral(channel="C0APOLLO", user="U0BO", text="psst")

    assert [one["ephemeral"] for one in await stage.hands.messages("C0APOLLO", "U0BO")] == [True]
    assert await stage.hands.messages("C0APOLLO", "U0ANA") == []
    history = await stage.slack.conversations_history(channel="C0APOLLO")
    assert history["messages"] == []
    update = stage.slack.chat_update(channel="C0APOLLO", ts=sent["message_ts"], text="b")
    assert await error_of(update) == "message_not_found"
    outside = stage.slack.chat_postEphemeral(channel="C0APOLLO", user="U0DEV", text="psst")
    assert await error_of(outside) == "user_not_in_channel"


async def test_a_permalink_leads_to_the_page(stage: Stage) -> None:
    sent = await stage.slack.chat_postMessage(channel="C0APOLLO", text="a")

    link = await stage.slack.chat_getPermalink(channel="C0APOLLO", message_ts=sent["ts"])

    assert link["permalink"].startswith(f"{stage.url}/archives/C0APOLLO/p")
    async with stage.session.get(link["permalink"], allow_redirects=False) as got:
        assert got.headers["location"] == f"/#/C0APOLLO/{sent['ts']}"


async def test_a_thread_has_its_replies_counted_and_listed(stage: Stage) -> None:
    root = await stage.slack.chat_postMessage(channel="C0APOLLO", text="root")
    first = await stage.hands.post("compose", channel="C0APOLLO", text="one", thread_ts=root["ts"])
    await stage.slack.chat_postMessage(channel="C0APOLLO", text="two", thread_ts=first["ts"])

    history = await stage.slack.conversations_history(channel="C0APOLLO")
    thread = await stage.slack.conversations_replies(channel="C0APOLLO", ts=root["ts"])

    assert [one["text"] for one in history["messages"]] == ["root"]
    assert history["messages"][0]["reply_count"] == 2
    assert [one["text"] for one in thread["messages"]] == ["root", "one", "two"]
    assert {one.get("thread_ts") for one in thread["messages"]} == {root["ts"]}
    shown = await stage.hands.messages("C0APOLLO", thread_ts=root["ts"])
    assert [one["text"] for one in shown] == ["root", "one", "two"]


async def test_history_comes_newest_first_in_pages_between_two_moments(stage: Stage) -> None:
    sent = [
        (await stage.slack.chat_postMessage(channel="C0APOLLO", text=str(number)))["ts"]
        for number in range(5)
    ]

    first = await stage.slack.conversations_history(channel="C0APOLLO", limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await stage.slack.conversations_history(channel="C0APOLLO", limit=2, cursor=cursor)
    between = await stage.slack.conversations_history(
        channel="C0APOLLO", oldest=sent[1], latest=sent[3]
    )

    assert [one["text"] for one in first["messages"]] == ["4", "3"]
    assert [one["text"] for one in second["messages"]] == ["2", "1"]
    assert [one["text"] for one in between["messages"]] == ["2"]
    broken = stage.slack.conversations_history(channel="C0APOLLO", cursor="???")
    assert await error_of(broken) == "invalid_cursor"


async def test_a_scheduled_message_is_posted_when_the_clock_gets_there(stage: Stage) -> None:
    now = stage.sandbox.core.clock.now().timestamp()
    planned = await stage.slack.chat_scheduleMessage(
        channel="C0APOLLO", text="later", post_at=int(now + 3600)
    )
    other = await stage.slack.chat_scheduleMessage(
        channel="C0APOLLO", text="never", post_at=int(now + 1800)
    )
    listed = await stage.slack.chat_scheduledMessages_list()
    await stage.slack.chat_deleteScheduledMessage(
        channel="C0APOLLO", scheduled_message_id=other["scheduled_message_id"]
    )

    await stage.hands.post("clock", preset="hour")
    await stage.hands.post("clock", advance_seconds=5)

    assert len(listed["scheduled_messages"]) == 2
    assert planned["post_at"] == int(now + 3600)
    assert [one["text"] for one in await stage.hands.messages("C0APOLLO")] == ["later"]


async def test_a_message_is_scheduled_only_for_the_next_hundred_and_twenty_days(
    stage: Stage,
) -> None:
    now = int(stage.sandbox.core.clock.now().timestamp())

    for post_at, error in ((now - 5, "time_in_past"), (now + 121 * 86_400, "time_too_far")):
        planned = stage.slack.chat_scheduleMessage(channel="C0APOLLO", text="x", post_at=post_at)
        assert await error_of(planned) == error


async def test_a_link_is_unfurled_in_place(stage: Stage) -> None:
    typed = await stage.hands.post("compose", channel="C0APOLLO", text="https://x.y/1")

    await stage.slack.chat_unfurl(
        channel="C0APOLLO", ts=typed["ts"], unfurls={"https://x.y/1": {"text": "One"}}
    )

    (shown,) = await stage.hands.messages("C0APOLLO")
    assert shown["attachments"] == [{"id": 1, "from_url": "https://x.y/1", "text": "One"}]


async def test_a_scope_that_is_missing_is_named() -> None:
    app = make_app(scopes=("chat:write",))
    async with open_stage(make_seed(app=app)) as stage:
        answer = await stage.api("users.info", {"user": "U0BO"})

    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "users:read",
        "chat:write",
    )


async def test_writing_to_public_channels_from_outside_needs_its_scope() -> None:
    app = make_app(scopes=("chat:write", "chat:write.public"))
    async with open_stage(make_seed(app=app)) as stage:
        await stage.hands.post("channels", id="C0OPEN", name="open", members=["U0ANA"])
        sent = await stage.slack.chat_postMessage(channel="C0OPEN", text="x")

    assert sent["ok"]


async def test_a_picture_is_uploaded_in_three_steps_and_shown(stage: Stage) -> None:
    picture = b"\x89PNG" + bytes(20)
    start = await stage.slack.files_getUploadURLExternal(filename="a.png", length=len(picture))
    async with stage.session.post(start["upload_url"], data=picture) as uploaded:
        assert uploaded.status == 200
    block = {"type": "image", "alt_text": "a", "slack_file": {"id": start["file_id"]}}
    early = stage.slack.chat_postMessage(channel="C0APOLLO", text="x", blocks=[block])
    assert await error_of(early) == "invalid_blocks"

    await stage.slack.files_completeUploadExternal(
        files=[{"id": start["file_id"], "title": "A"}],
        channel_id="C0APOLLO",
        initial_comment="Look",
    )

    shown = await stage.hands.messages("C0APOLLO")
    assert shown[0]["files"][0]["title"] == "A"
    async with stage.session.get(f"{stage.url}/_sandbox/files/{start['file_id']}") as got:
        assert (await got.read(), got.content_type) == (picture, "image/png")
    known = await stage.slack.files_info(file=start["file_id"])
    assert known["file"]["size"] == len(picture)
