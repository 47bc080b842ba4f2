import asyncio
import json
import sys
from pathlib import Path

import aiohttp

from bot.sandbox.seed import sample_seed, seed_from
from tests.sandbox.conftest import Stage


async def test_the_page_is_told_of_each_change(stage: Stage) -> None:
    async with stage.session.get(f"{stage.url}/_sandbox/events") as feed:
        assert feed.content_type == "text/event-stream"
        await feed.content.readuntil(b"\n\n")
        await stage.hands.post("compose", channel="C0APOLLO", text="x")
        line = await feed.content.readuntil(b"\n\n")

    told = json.loads(line.decode().removeprefix("data: "))
    assert told["channels"] == ["C0APOLLO"]
    assert told["seq"] > 0


async def test_the_traffic_shows_both_directions_and_no_token(stage: Stage) -> None:
    await stage.slack.chat_postMessage(channel="C0APOLLO", text="my xoxb-123-abcdWXYZ")
    await stage.hands.post("compose", channel="C0APOLLO", text="/hello")

    first = await stage.hands.get("traffic", since=0)
    rest = await stage.hands.get("traffic", since=first["next"])

    kinds = [(one["direction"], one["kind"], one["name"]) for one in first["entries"]]
    assert ("in", "api", "chat.postMessage") in kinds
    assert ("out", "command", "/hello") in kinds
    assert "abcdWXYZ" not in json.dumps(first)
    assert "sandbox-verification" not in json.dumps(first)
    assert "…WXYZ" in json.dumps(first, ensure_ascii=False)
    assert rest["entries"] == []


async def test_the_page_may_load_from_nowhere_else(stage: Stage) -> None:
    async with stage.session.get(f"{stage.url}/") as page:
        policy = page.headers["content-security-policy"]

    assert "default-src 'self'" in policy
    assert "http" not in policy


async def test_what_a_foreign_page_could_send_is_refused(stage: Stage) -> None:
    body = json.dumps({"as": "U0ANA", "channel": "C0APOLLO", "text": "x"})
    async with stage.session.post(
        f"{stage.url}/_sandbox/compose", data=body, headers={"Content-Type": "text/plain"}
    ) as got:
        assert got.status == 415
    half_a_pair = {"as": "U0ANA", "channel": "C0APOLLO", "text": "\ud83d"}
    bodies: tuple[object, ...] = ([], half_a_pair)
    for broken in bodies:
        async with stage.session.post(f"{stage.url}/_sandbox/compose", json=broken) as got:
            assert (await got.json())["error"] == "invalid_json"


async def test_the_state_without_a_person_proposes_one(stage: Stage) -> None:
    async with stage.session.get(f"{stage.url}/_sandbox/state") as got:
        state = await got.json()

    assert state["as"] == "U0ANA"
    assert state["hint"] is None


async def test_an_avatar_is_a_picture_of_initials(stage: Stage) -> None:
    async with stage.session.get(f"{stage.url}/avatar/U0BO") as got:
        assert ">BC</text>" in await got.text()


def test_a_seed_reads_from_json() -> None:
    raw = {
        "team_id": "T1",
        "team_name": "One",
        "team_domain": "one",
        "now": "2026-03-06T12:00:00Z",
        "people": [{"id": "U1", "name": "ana", "real_name": "Ana"}],
        "channels": [{"id": "C1", "name": "general", "members": ["U1"]}],
        "apps": [],
    }

    seed = seed_from(raw)

    assert seed.channels[0].members == ("U1",)
    assert seed.now is not None
    assert seed.now.hour == 12
    assert sample_seed().people


async def test_it_runs_alone_as_a_process(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(
        json.dumps(
            {
                "team_id": "T1",
                "team_name": "One",
                "team_domain": "one",
                "people": [{"id": "U1", "name": "ana", "real_name": "Ana"}],
            }
        )
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", "0", "--seed", str(seed),
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()

    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/_sandbox/state", params={"as": "U1"}) as got,
    ):
        state = await got.json()
    process.terminate()
    await process.wait()

    assert state["team"]["name"] == "One"


async def test_a_wrong_seed_is_a_sentence(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"team": "T1"}')

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--seed", str(seed),
        stderr=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    _, said = await process.communicate()

    assert process.returncode == 2
    assert b"Seed has no team" in said
