"""Which function answers what, and which of them answers people of another company."""

from bot.slack import (
    assumption,
    assumption_edit,
    assumption_list,
    channel,
    commands,
    decision,
    details,
    home,
    list_export,
    listening,
    me,
    mention,
    message,
    offer,
    owner,
    project,
    reply,
    report,
    row,
    setback,
    setback_edit,
    setback_list,
    settings,
    several,
    shortcut,
    step,
    trace,
    validation,
    webhook,
    workspace,
)
from bot.slack.dispatch import Dispatcher, key_of
from bot.slack.interaction import Click, Interaction, Submission
from bot.slack.names import CommandNames


def build_dispatcher(names: CommandNames) -> Dispatcher:
    return Dispatcher(
        commands.routes(names),
        decision.ROUTES,
        assumption.ROUTES,
        assumption_edit.ROUTES,
        assumption_list.ROUTES,
        row.ROUTES,
        details.ROUTES,
        several.ROUTES,
        list_export.ROUTES,
        validation.ROUTES,
        setback.ROUTES,
        setback_edit.ROUTES,
        setback_list.ROUTES,
        trace.ROUTES,
        project.ROUTES,
        reply.ROUTES,
        report.ROUTES,
        settings.ROUTES,
        home.ROUTES,
        listening.ROUTES,
        mention.ROUTES,
        message.ROUTES,
        offer.ROUTES,
        shortcut.ROUTES,
        step.ROUTES,
        me.ROUTES,
        owner.ROUTES,
        webhook.ROUTES,
        workspace.ROUTES,
        channel.ROUTES,
    )


# Whoever is asked may answer, also from another company; the use cases look who is asked.
_ANSWERING = frozenset(
    (kind, key)
    for routes in (validation.ROUTES, reply.ROUTES)
    for kind, answers in ((Click, routes.clicks), (Submission, routes.submissions))
    for key in answers
)


def may_outsiders(interaction: Interaction) -> bool:
    """Whether it is an answer to what somebody was asked."""
    return (type(interaction), key_of(interaction)) in _ANSWERING
