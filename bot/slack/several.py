"""Changing several assumptions of a list at once."""

from bot.domain.ids import AssumptionKey
from bot.slack import assumption_list, form, ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Submission, Values
from bot.slack.people import CannotBeAskedError, askable
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import several as views
from bot.slack.views.parts import notice
from bot.usecases.several import SEVERAL_MAX, Act, change_several


async def press_several(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open(tools, click))
    return None


async def _open(tools: Tools, click: Click) -> None:
    """The page that is shown and what follows it, up to forty rows."""
    here = assumption_list.known(ids.ListRef.parse(click.value))
    found = await assumption_list.rows_of(tools, click, here, limit=SEVERAL_MAX)
    if not found.assumptions:
        await show.view(tools, click, notice("Change several", "There is nothing to change here."))
        return
    place = {"l": str(here), **assumption_list.place_of(click)}
    page = views.several_form(
        found.assumptions,
        has_more=found.next_after is not None,
        now=tools.clock.now(),
        metadata=form.pack(**place, u=click.response_url if click.is_ephemeral else None),
    )
    await show.view(tools, click, page)


async def submit_several(tools: Tools, submission: Submission) -> Reply:
    """Change what is ticked in one transaction; say what became of each."""
    chosen = _ticked(submission.values)
    act = Act(form.choice_of(submission.values, ids.ACT) or Act.RETIRE)
    who = form.user_of(submission.values, ids.WHO)
    if not chosen:
        return _wrong(f"{ids.ROWS}.0", "Tick at least one of them.")
    if act is Act.REASSIGN and who is None:
        return _wrong(ids.WHO, "Choose who owns them from now on.")
    to = None
    if act is Act.REASSIGN and who is not None:
        try:
            [to] = await askable(tools, submission.workspace, [who])
        except CannotBeAskedError as error:
            return _wrong(ids.WHO, str(error))
    outcome = await tools.write_once(
        submission,
        change_several,
        submission.workspace,
        chosen,
        act,
        by=submission.user,
        reader=await reader_of(tools, submission),
        now=tools.clock.now(),
        reason=form.text_of(submission.values, ids.REASON),
        to=to,
    )
    tools.after_ack(submission, assumption_list.redraw(tools, submission))
    return {"response_action": "update", "view": views.several_done(outcome)}


def _ticked(values: Values) -> list[AssumptionKey]:
    blocks = [block for block in values if block.startswith(f"{ids.ROWS}.")]
    found = [
        AssumptionKey.parse(value) for block in blocks for value in form.choices_of(values, block)
    ]
    return [key for key in found if key is not None]


def _wrong(block: str, what: str) -> Reply:
    return {"response_action": "errors", "errors": {block: what}}


ROUTES = Routes(
    clicks={ids.LIST_SEVERAL: press_several},
    submissions={ids.SEVERAL: submit_several},
)
