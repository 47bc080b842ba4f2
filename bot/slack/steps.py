"""The steps for Workflow Builder: what each takes and gives, as the manifest declares it.

Slack's event names nobody who built or ran the workflow, so each step is told for whom it acts.
What that person may not see, the step may not reach either, nor what is said in a private channel;
and what it makes says that a workflow did it.
"""

from dataclasses import dataclass

from bot.slack import ids

PERSON, CHANNEL = "slack#/types/user_id", "slack#/types/channel_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    title: str
    description: str
    type: str = "string"
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    callback_id: str
    title: str
    description: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]


TEXT, IN_CHANNEL, BY, ASK, BACKUP = "text", "channel", "person", "ask", "backup"
WHEN, IMPACT, CONFIDENCE, SERVICES = "by_when", "impact", "confidence", "services"
KIND, COST, STARTED = "kind", "cost", "started"
KEY, NUMBER, LINK = "key", "number", "link"

_SERVICES = Parameter(
    name=SERVICES, title="Services", description="Names with commas between them: checkout, search"
)
_LINK = Parameter(name=LINK, title="Link", description="Leads to its message, where there is one")

LOG = Step(
    callback_id=ids.LOG_STEP,
    title="Log assumption",
    description="Logs what a project relies on, and asks who can know whether it is true",
    inputs=(
        Parameter(
            name=TEXT,
            title="What you rely on",
            description="A statement: The payments API is live by March 3",
            is_required=True,
        ),
        Parameter(
            name=IN_CHANNEL,
            title="Channel",
            description="The project's channel, where the card is posted; not a private one",
            type=CHANNEL,
            is_required=True,
        ),
        Parameter(
            name=BY,
            title="Who relies on it",
            description="Its owner, who must be able to read that channel",
            type=PERSON,
            is_required=True,
        ),
        Parameter(
            name=ASK, title="Ask", description="Who can know whether it is true", type=PERSON
        ),
        Parameter(
            name=BACKUP, title="Backup", description="Asked where the first cannot be", type=PERSON
        ),
        Parameter(
            name=WHEN,
            title="Needed by",
            description="A day: friday, end of month, in 3 working days, 2027-03-03",
        ),
        Parameter(
            name=IMPACT,
            title="Impact if it is wrong",
            description="low, medium, high or critical; medium if left empty",
        ),
        Parameter(
            name=CONFIDENCE,
            title="Confidence",
            description="How sure the owner is, in percent: 70",
        ),
        _SERVICES,
    ),
    outputs=(
        Parameter(
            name=KEY, title="Key", description="What it is called: APOLLO-12", is_required=True
        ),
        _LINK,
    ),
)

RECORD = Step(
    callback_id=ids.RECORD_STEP,
    title="Record setback",
    description="Records what went wrong, and suggests which assumption was underneath it",
    inputs=(
        Parameter(
            name=KIND,
            title="Kind",
            description="incident, delay, bug or scope change",
            is_required=True,
        ),
        Parameter(
            name=TEXT,
            title="What happened",
            description="In a sentence: Waiting for the payments API",
            is_required=True,
        ),
        Parameter(
            name=IN_CHANNEL,
            title="Channel",
            description="Where it is shown; not a private one",
            type=CHANNEL,
            is_required=True,
        ),
        Parameter(
            name=BY,
            title="Who records it",
            description="Must be able to read that channel",
            type=PERSON,
            is_required=True,
        ),
        Parameter(
            name=STARTED,
            title="Since when",
            description="today 14:05, yesterday, March 3; now if left empty",
        ),
        Parameter(name=COST, title="Cost", description="3 days, 45 min or 1200 EUR"),
        _SERVICES,
    ),
    outputs=(
        Parameter(name=NUMBER, title="Number", description="Its number: 12", is_required=True),
        _LINK,
    ),
)

STEPS = (LOG, RECORD)
