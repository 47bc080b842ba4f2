"""Workflow Builder's steps: a run logs or records once, and the workflow hears of it once."""

import pytest

from bot.demo.people import ANA, APOLLO, APP, BO, EVE, GENERAL, LEADS
from bot.demo.words import Json
from bot.domain.errors import NotFoundError
from bot.domain.ids import AssumptionKey
from bot.domain.permission import OPERATOR
from bot.slack import ids, steps
from bot.usecases.assumption import get_assumption
from bot.usecases.setback import get_setback
from tests.journeys.journey import FIRST, OVER_HTTP_ALONE, PROJECT, Journey

LOG: Json = {steps.TEXT: "The payments API is live", steps.IN_CHANNEL: APOLLO, steps.BY: ANA}
RECORD: Json = {**LOG, steps.TEXT: "Waiting for the payments API", steps.KIND: "delay"}


class Workflow:
    def __init__(self, journey: Journey) -> None:
        self._workspace = journey.workspace

    async def runs(self, callback_id: str, inputs: Json) -> Json:
        """Come to the step; return how it ended."""
        body = {"app_id": APP, "callback_id": callback_id, "inputs": inputs}
        return await self.ends(await self._workspace.post("function", **body))

    async def ends(self, run: Json) -> Json:
        path = f"function/{run['function_execution_id']}"

        async def ended() -> Json | None:
            now = await self._workspace.get(path)
            return None if now["state"] == "running" else now

        async def seen() -> str:
            return str(await self._workspace.get(path))

        return await self._workspace.until(ended, expected="the step's end", seen=seen)


@OVER_HTTP_ALONE
async def test_a_step_logs_what_its_inputs_say_and_names_it(journey: Journey) -> None:
    more = {steps.ASK: BO, steps.WHEN: "in 9 working days", steps.IMPACT: "High"}

    done = await Workflow(journey).runs(
        ids.LOG_STEP, LOG | more | {steps.CONFIDENCE: "70%", steps.SERVICES: "checkout, search"}
    )

    assert done["state"] == "completed", done
    assert done["outputs"][steps.KEY] == str(FIRST)
    card = await journey.ana.sees(APOLLO, "The payments API is live")
    assert done["outputs"][steps.LINK] == card["permalink"]
    logged = await journey.assumption()
    assert (logged.owner, logged.impact, logged.confidence_percent) == (ANA, "high", 70)
    assert [one.user for one in logged.stakeholders] == [BO]
    assert logged.services == ("checkout", "search")
    assert str(logged.validate_by) == "2026-03-13"
    assert "logged by a workflow for" in str(card)


@OVER_HTTP_ALONE
async def test_a_step_records_what_went_wrong_and_gives_its_number(journey: Journey) -> None:
    more = {steps.COST: "3 days", steps.STARTED: "yesterday", steps.SERVICES: "payments"}

    done = await Workflow(journey).runs(ids.RECORD_STEP, RECORD | more)

    assert done["outputs"][steps.NUMBER] == "1"
    recorded = await journey.stored(get_setback, 1, reader=OPERATOR)
    assert (recorded.kind, recorded.project, recorded.recorded_by) == ("delay", PROJECT, ANA)
    assert recorded.cost.working_days_slipped == 3
    assert recorded.started_at.date().isoformat() == "2026-03-01"


@OVER_HTTP_ALONE
async def test_a_run_delivered_twice_is_done_and_answered_once(journey: Journey) -> None:
    faults = {"method": "delivery", "kind": "duplicate", "times": 1}
    await journey.workspace.post("faults", **faults)

    await Workflow(journey).runs(ids.LOG_STEP, LOG)
    again = await journey.last_delivery("event")
    await journey.deliver("event", again | {"event_id": "Ev0ANOTHER"})

    with pytest.raises(NotFoundError):
        await journey.stored(get_assumption, AssumptionKey(PROJECT, 2), reader=OPERATOR)
    entries = (await journey.workspace.get("traffic", since="0"))["entries"]
    assert sum(one["name"] == "functions.completeSuccess" for one in entries) == 1


@OVER_HTTP_ALONE
async def test_a_workflow_goes_on_once_slack_takes_the_answer(journey: Journey) -> None:
    method = "functions.completeSuccess"
    await journey.workspace.post("faults", method=method, kind="reset_after", times=1)
    await journey.workspace.post("faults", method=method, kind="5xx", times=2)

    body = {"app_id": APP, "callback_id": ids.LOG_STEP, "inputs": LOG}
    run = await journey.workspace.post("function", **body)
    await journey.workspace.move(advance_seconds=3600)

    assert (await Workflow(journey).ends(run))["outputs"][steps.KEY] == str(FIRST)


CANNOT: list[tuple[str, Json, str]] = [
    (ids.LOG_STEP, LOG | {steps.IN_CHANNEL: GENERAL}, "start a project there with /assume"),
    (ids.LOG_STEP, LOG | {steps.WHEN: "soon & late"}, "I cannot read “soon &amp; late” as a"),
    (ids.LOG_STEP, LOG | {steps.IMPACT: "hihg"}, "Did you mean impact:high?"),
    (ids.LOG_STEP, LOG | {steps.CONFIDENCE: "certain"}, "a whole number from 0 to 100"),
    (ids.LOG_STEP, LOG | {steps.BY: EVE}, "has left this workspace"),
    (ids.LOG_STEP, LOG | {steps.ASK: BO, steps.BACKUP: BO}, "Name another person"),
    (ids.RECORD_STEP, RECORD | {steps.KIND: "delay of ours"}, "is no kind of setback"),
    (ids.RECORD_STEP, RECORD | {steps.COST: "dear"}, "I cannot read “dear” as a cost"),
    (ids.RECORD_STEP, RECORD | {steps.STARTED: "soonish"}, "as a moment"),
    (ids.RECORD_STEP, RECORD | {steps.IN_CHANNEL: LEADS, steps.BY: BO}, "that is not private"),
    (ids.RECORD_STEP, RECORD | {steps.IN_CHANNEL: LEADS, steps.BY: ANA}, "that is not private"),
]


@OVER_HTTP_ALONE
async def test_what_cannot_be_done_ends_the_run_with_what_to_change(journey: Journey) -> None:
    workflow = Workflow(journey)

    ends = [await workflow.runs(step, inputs) for step, inputs, _ in CANNOT]

    assert [end["state"] for end in ends] == ["errored"] * len(CANNOT)
    for end, (_, inputs, words) in zip(ends, CANNOT, strict=True):
        assert words in end["error"], inputs


@OVER_HTTP_ALONE
async def test_a_private_project_answers_as_none_whomever_the_step_names(empty: Journey) -> None:
    await empty.start_project(channel=LEADS, key="SECRET")

    ends = [
        await Workflow(empty).runs(ids.LOG_STEP, LOG | {steps.BY: who, steps.IN_CHANNEL: channel})
        for who in (BO, ANA)
        for channel in (LEADS, GENERAL)
    ]

    assert len({end["error"] for end in ends}) == 1
    assert "that a workflow may log into" in ends[0]["error"]
