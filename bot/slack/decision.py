"""What somebody decides about an assumption: to live with it, what counts, what it came to."""

from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey
from bot.slack import form, ids, show
from bot.slack.channel import with_warning
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Submission
from bot.slack.people import today_in, zone_of
from bot.slack.reader import reader_of
from bot.slack.show import key_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import owner as views
from bot.usecases.actual import record_actual
from bot.usecases.assumption import get_assumption
from bot.usecases.contested import decide_contested
from bot.usecases.risk import accept_risk


def _key(submission: Submission) -> AssumptionKey:
    return key_of(form.unpack(submission.metadata).get("k", ""))


def _error(block: str, text: str) -> Reply:
    return {"response_action": "errors", "errors": {block: text}}


async def press_accept(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_accept(tools, click))
    return None


async def _open_accept(tools: Tools, click: Click) -> None:
    assumption = await tools.db.read(
        get_assumption, click.workspace, key_of(click.value), reader=await reader_of(tools, click)
    )
    today = today_in(await zone_of(tools, click.workspace, click.user), tools.clock.now())
    needed_by = assumption.validate_by
    page = views.accept_form(
        assumption,
        metadata=form.pack(k=str(assumption.key)),
        proposed=needed_by if needed_by is not None and needed_by > today else None,
    )
    page = await with_warning(tools, click.workspace, assumption.channel, page)
    await show.view(tools, click, page)


async def submit_accept(tools: Tools, submission: Submission) -> Reply:
    until = form.date_of(submission.values, ids.UNTIL)
    today = today_in(await zone_of(tools, submission.workspace, submission.user), tools.clock.now())
    if until is None or not 0 < (until - today).days <= _LONGEST:
        return _error(ids.UNTIL, "Choose a day from tomorrow, within a year.")
    reason = form.text_of(submission.values, ids.REASON)
    if len(reason) > _REASON_MAX:
        return _error(ids.REASON, f"Keep it under {_REASON_MAX} characters.")
    await tools.write_once(
        submission,
        accept_risk,
        submission.workspace,
        _key(submission),
        by=submission.user,
        until=until,
        reason=reason,
        now=tools.clock.now(),
    )
    return None


_LONGEST, _REASON_MAX = 366, 500  # days, characters; the use case has the last word


async def press_decide(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_decide(tools, click))
    return None


async def _open_decide(tools: Tools, click: Click) -> None:
    assumption = await tools.db.read(
        get_assumption, click.workspace, key_of(click.value), reader=await reader_of(tools, click)
    )
    page = views.decide_form(assumption, metadata=form.pack(k=str(assumption.key)))
    page = await with_warning(tools, click.workspace, assumption.channel, page)
    await show.view(tools, click, page)


async def submit_decide(tools: Tools, submission: Submission) -> Reply:
    chosen = form.choice_of(submission.values, ids.ANSWERED)
    if chosen is None:
        return _error(ids.ANSWERED, "Choose one.")
    await tools.write_once(
        submission,
        decide_contested,
        submission.workspace,
        _key(submission),
        by=submission.user,
        holds=chosen == views.STILL_HOLDS,
        reason=form.text_of(submission.values, ids.REASON),
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    return None


async def press_measure(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_measure(tools, click))
    return None


async def _open_measure(tools: Tools, click: Click) -> None:
    assumption = await tools.db.read(
        get_assumption, click.workspace, key_of(click.value), reader=await reader_of(tools, click)
    )
    if assumption.expected is None:
        raise UserFixableError(f"{assumption.key} is not measured any more.")
    page = views.measure_form(assumption, metadata=form.pack(k=str(assumption.key)))
    await show.view(tools, click, page)


async def submit_measure(tools: Tools, submission: Submission) -> Reply:
    actual = form.read_figure(form.text_of(submission.values, ids.ACTUAL))
    if actual is None:
        return _error(ids.ACTUAL, "Write a plain number, for example 3 or 2.5.")
    await tools.write_once(
        submission,
        record_actual,
        submission.workspace,
        _key(submission),
        by=submission.user,
        actual=actual,
        note=form.text_of(submission.values, ids.REASON),
        now=tools.clock.now(),
    )
    return None


ROUTES = Routes(
    clicks={
        ids.ACCEPT: press_accept,
        ids.DECIDE: press_decide,
        ids.MEASURE: press_measure,
    },
    submissions={
        ids.ACCEPT_RISK: submit_accept,
        ids.DECIDE_CONTESTED: submit_decide,
        ids.MEASURED: submit_measure,
    },
)
