"""A workflow's custom step: it is run once, by whom, and how it ends."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox import Function, Parameter
from bot.sandbox.seed import app_from
from tests.sandbox.conftest import Stage, make_app, open_stage, two_workspaces

STEP = Function(
    callback_id="log",
    title="Log",
    inputs=(Parameter(name="statement", title="What we assume", is_required=True),),
    outputs=(Parameter(name="key", is_required=True),),
)


@pytest.fixture
async def works() -> AsyncIterator[Stage]:
    seed = two_workspaces(app=make_app(functions=(STEP,)), app_in_north=True)
    async with open_stage(seed) as opened:
        yield opened


async def run(stage: Stage, **more: Any) -> tuple[str, dict[str, Any]]:
    """Return the run's id and the event."""
    body = {"app_id": "A0SAMPLE", "callback_id": "log", "inputs": {"statement": "x"}} | more
    started = await stage.hands.post("function", **body)
    return started["function_execution_id"], stage.app.of_type("function_executed")[-1]["event"]


async def test_a_step_is_run_with_its_token_and_ends_once(works: Stage) -> None:
    execution, event = await run(works)
    token = event["bot_access_token"]
    finish = {"function_execution_id": execution, "outputs": {"key": "APOLLO-1"}}
    _, other = await run(works)

    lacking = await works.api("functions.completeSuccess", finish | {"outputs": {}}, token=token)
    foreign = await works.api("functions.completeSuccess", finish, token=other["bot_access_token"])
    done = await works.api("functions.completeSuccess", finish, token=token)
    again = await works.api("functions.completeSuccess", finish, token=token)
    ended = await works.hands.get(f"function/{execution}")

    assert token.startswith("xwfp-")
    assert event["function"]["input_parameters"][0]["title"] == "What we assume"
    assert event["inputs"] == {"statement": "x"}
    assert lacking["error"] == "parameter_validation_failed"
    assert foreign["error"] == "access_denied"
    assert (done["ok"], again["error"]) == (True, "execution_not_in_running_state")
    assert (ended["state"], ended["outputs"]) == ("completed", {"key": "APOLLO-1"})


async def test_a_step_that_fails_says_why(works: Stage) -> None:
    execution, event = await run(works)
    finish = {"function_execution_id": execution, "error": "No such project."}

    await works.api("functions.completeError", finish, token=event["bot_access_token"])
    ended = await works.hands.get(f"function/{execution}")
    north, _ = await run(works, user="U0NIA")
    elsewhere = await works.api(
        "functions.completeError", {"function_execution_id": north, "error": "x"}
    )

    assert (ended["state"], ended["error"]) == ("errored", "No such project.")
    assert elsewhere["error"] == "function_execution_not_found"  # another workspace's


async def test_a_step_without_what_it_needs_is_not_run(works: Stage) -> None:
    body = {"app_id": "A0SAMPLE", "callback_id": "log", "inputs": {}}

    assert await works.hands.refused("function", **body) == "missing_inputs"
    assert works.app.of_type("function_executed") == []


def test_a_seed_s_steps_are_read_from_json() -> None:
    raw = {
        **dict.fromkeys(("app_id", "name", "bot_user_id", "bot_id", "bot_token"), "x"),
        **dict.fromkeys(("app_token", "signing_secret", "client_id", "client_secret"), "x"),
        "verification_token": "x",
        "functions": [{"callback_id": "log", "inputs": [{"name": "statement"}]}],
    }

    (step,) = app_from(raw).functions

    assert step.inputs == (Parameter(name="statement"),)
