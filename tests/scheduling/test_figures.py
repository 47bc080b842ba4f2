"""What a process counts: under a few words, however many workspaces there are."""

from bot.scheduling import figures
from bot.usecases.ports import Blocked
from tests.scheduling.office import Office
from tests.usecases.team import WORKSPACE


async def test_a_cause_that_names_a_workspace_is_counted_under_one_word(office: Office) -> None:
    await office.want(["C1"])
    cause = f"No token for workspace {WORKSPACE}."
    office.slack.reaction = lambda _message: Blocked(cause=cause, fix="Install it.")

    await office.sender().run()

    found = figures.failures.collect()
    counted = {sample.labels["cause"] for one in found for sample in one.samples}
    assert "no call" in counted
    assert not any(WORKSPACE in one for one in counted)
