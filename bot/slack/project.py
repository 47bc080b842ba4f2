"""Starting a project in the first channel where something is logged, then going on with it."""

from slack_sdk.errors import SlackApiError

from bot.domain import quick_form
from bot.domain.errors import RetryableError, UserFixableError
from bot.domain.ids import PROJECT_KEY, ChannelId, ProjectKey
from bot.domain.project import Project
from bot.slack import assumption, form, ids, show
from bot.slack.channel import learn, shared_warning
from bot.slack.dispatch import Routes
from bot.slack.errors import code_of, translated
from bot.slack.interaction import Interaction, Submission
from bot.slack.people import CannotBeAskedError, askable
from bot.slack.reader import reader_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as assumption_views
from bot.slack.views.parts import message, sentence
from bot.slack.views.project import start_form
from bot.usecases.draft import keep_draft, start_project
from bot.usecases.project import suggest_key

_NO_MEMBER = frozenset({"not_in_channel", "channel_not_found"})
_DM = "directmessage"  # Slack's name of the channel of a conversation between two
_PRIVATE = "privategroup"  # what Slack says in place of a private channel's name


async def offer(
    tools: Tools,
    interaction: Interaction,
    *,
    channel: ChannelId,
    text: str,
    permalink: str | None = None,
    notice: str = "",
) -> None:
    """Open the form that starts a project; `text`, undecoded, is kept and comes next.

    `notice` is said above the form, beside that another company reads the channel.

    Raises:
        UserFixableError: The channel is a conversation between people, which is no project's home.
    """
    if channel.startswith("D") or interaction.channel_name == _DM:
        raise UserFixableError(
            "Type this in a channel: what a project relies on is shown to its people."
        )
    workspace, by = interaction.workspace, interaction.user
    kept = await tools.write_once(
        interaction,
        keep_draft,
        workspace,
        by=by,
        text=text,
        channel=channel,
        now=tools.clock.now(),
    )
    name = "" if interaction.channel_name in {None, _PRIVATE} else interaction.channel_name
    key = await tools.db.read(suggest_key, workspace, name)
    shared = await shared_warning(tools, workspace, channel)
    metadata = form.pack(
        c=channel,
        d=kept,
        l=permalink,
        u=interaction.response_url,
        w=form.WARNED if shared else None,
    )
    warning = " ".join(filter(None, (notice, shared)))
    page = start_form(key=key, name=name, lead=by, metadata=metadata, warning=warning)
    await show.view(tools, interaction, page)


async def submit_start(tools: Tools, submission: Submission) -> Reply:
    """Create the project, then log the line that waited, or go on to the form."""
    values, workspace = submission.values, submission.workspace
    facts = form.unpack(submission.metadata)
    key = form.text_of(values, ids.KEY).upper()
    if PROJECT_KEY.fullmatch(key) is None:
        return _wrong(ids.KEY, "Use 2 to 10 letters or digits; begin with a letter.")
    lead = form.user_of(values, ids.LEAD) or submission.user
    try:
        await askable(tools, workspace, [lead])
    except CannotBeAskedError as error:
        return _wrong(ids.LEAD, str(error))
    project, text = await tools.write_once(
        submission,
        start_project,
        workspace=workspace,
        key=ProjectKey(key),
        name=form.text_of(values, ids.NAME) or key,
        channel=ChannelId(facts.get("c", "")),
        lead=lead,
        by=submission.user,
        draft_id=facts.get("d", ""),
        reader=await reader_of(tools, submission),
        now=tools.clock.now(),
    )
    tools.after_ack(submission, learn(tools, workspace, project.channel))
    tools.after_ack(submission, _welcome(tools, submission, project, facts.get("u")))
    return await _go_on(
        tools,
        submission,
        project,
        text,
        permalink=facts.get("l"),
        warning=await shared_warning(tools, workspace, project.channel),
        is_warned=facts.get("w") == form.WARNED,
    )


async def _welcome(
    tools: Tools, submission: Submission, project: Project, told_at: str | None
) -> None:
    """Tell the person, in the channel, what begins there; where the bot is no member, say that.

    `told_at` is the command's response URL: it reaches the person where the bot cannot post.
    """
    payload = {
        "channel": project.channel,
        "user": submission.user,
        "text": f"{project.key} begins here: what you log is posted in this channel.",
    }
    try:
        await tools.api.call(submission.workspace, "chat.postEphemeral", payload)
    except SlackApiError as error:
        if code_of(error) not in _NO_MEMBER or told_at is None:
            raise translated(error) from error
        text = (
            "I am not in this channel, so I cannot post here yet; what you log is kept. "
            "Type /invite and my name."
        )
        await tools.api.respond(told_at, message(text, [sentence(text)]))


def _wrong(block: str, text: str) -> Reply:
    return {"response_action": "errors", "errors": {block: text}}


async def _go_on(
    tools: Tools,
    submission: Submission,
    project: Project,
    text: str,
    *,
    permalink: str | None,
    warning: str,
    is_warned: bool,
) -> Reply:
    """Log a one-line form at once; anything else, or a line with a mistake, opens the form.

    So does a `warning`, that another company reads along, which the person has not read yet.
    """
    line = quick_form.parse(text)
    problem = ""
    if line is not None and permalink is None and (is_warned or not warning):
        try:
            await assumption.log_line(
                tools, submission, line, project=project, channel=project.channel, is_noted=True
            )
        except (UserFixableError, RetryableError) as error:
            problem = str(error)
        else:
            return None
    fields = (
        assumption.fields_of(line, owner=submission.user)
        if line is not None and permalink is None
        else assumption_views.Fields(statement=decode(text), owner=submission.user)
    )
    page = assumption.new_form(
        project,
        channel=project.channel,
        fields=fields,
        permalink=permalink,
        problem=problem,
        warning=warning,
    )
    return {"response_action": "update", "view": page}


ROUTES = Routes(submissions={ids.START_PROJECT: submit_start})
