"""Every action, callback and block id, so that a view and its listener read the same word.

An id is never reused for another meaning: a message posted a year ago still has its buttons.
"""

from dataclasses import dataclass
from typing import Self

from bot.domain.ids import AssumptionKey, ProjectKey

_DIGITS_MAX = 6

# Shortcuts, as the manifest names them.
LOG_SHORTCUT = "log_assumption"  # on a message
SETBACK_SHORTCUT = "record_setback"  # on a message
LOG_GLOBAL = "log_assumption_anywhere"
SETBACK_GLOBAL = "record_setback_anywhere"

# Steps for Workflow Builder, as the manifest names them.
LOG_STEP = "log_assumption_step"
RECORD_STEP = "record_setback_step"

# Forms and the other views that can be submitted.
NEW_ASSUMPTION = "assumption.new"
EDIT_ASSUMPTION = "assumption.edit"
RETIRE_ASSUMPTION = "assumption.retire"
LOG_ANYWAY = "assumption.log_anyway"
START_PROJECT = "project.start"
ANSWER = "validation.answer"
NEW_ANSWER = "validation.change"
SEVERAL = "assumption.several"
SETBACK_SHOWN = "setback.shown"  # one setback as a modal; nothing to submit
LISTED = "assumption.listed"  # a list as a modal; nothing to submit
ASK_ANOTHER = "validation.ask_another"
REMIND_LATER = "validation.remind_later"
ASK_OWNER = "validation.ask_owner"
REPLY_AS_OWNER = "validation.reply_as_owner"
SPLIT_ASSUMPTION = "assumption.split"
ACCEPT_RISK = "assumption.accept_risk"
DECIDE_CONTESTED = "assumption.decide"
REASSIGN = "assumption.reassign"
MEASURED = "assumption.measured"
MY_HOURS = "member.hours"
CADENCE = "project.cadence"
SETTINGS = "project.settings"  # nothing to submit: each impact has a form of its own
NEW_SETBACK = "setback.new"
LOG_MISSING = "setback.log_missing"
EDIT_SETBACK = "setback.edit"
CLOSE_SETBACK = "setback.close"
MERGE_SETBACK = "setback.merge"
WEBHOOK_KEY = "webhook.key"
WEBHOOK_REMOVE = "webhook.remove"
NOTICE = "notice"  # a text and a close button; nothing to submit

# Buttons on an ask.
HOLDS = "ask.holds"
FAILS = "ask.fails"
DEPENDS = "ask.depends"
NOT_MINE = "ask.not_mine"
UNDO = "ask.undo"
ASK_AGAIN = "ask.again"  # takes back "not mine", "stop asking me" and passing on
CHANGE_ANSWER = "ask.change"
ASK_MORE = "ask.more"  # the overflow; its options are the four below
MORE_ANOTHER = "another"
MORE_LATER = "later"
MORE_OWNER = "owner"
MORE_STOP = "stop"

# Buttons on an assumption, wherever it is shown.
SHOW = "assumption.show"
EDIT = "assumption.edit.open"
RETIRE = "assumption.retire.open"
JOIN = "assumption.join"
READ_ALL = "assumption.read_all"
ROW_MORE = "assumption.row"  # the overflow of a list's row; its options are the three below
ROW_SHOW = "show"
ROW_EDIT = "edit"
ROW_RETIRE = "retire"
LIST_MORE = "assumption.list.more"
LIST_TOP = "assumption.list.top"
LIST_SORT = "assumption.list.sort"
LIST_SEVERAL = "assumption.list.several"
LIST_EXPORT = "assumption.list.export"
LIST_FILTERS = {  # the word of the filter: its button; two buttons of a row need two ids
    "open": "assumption.list.open",
    "mine": "assumption.list.mine",
    "overdue": "assumption.list.overdue",
    "stale": "assumption.list.stale",
    "critical": "assumption.list.critical",
}
HISTORY_OLDER = "assumption.history.older"
HISTORY_NEWER = "assumption.history.newer"

SPLIT = "assumption.split.open"
ACCEPT = "assumption.accept.open"
DECIDE = "assumption.decide.open"
MEASURE = "assumption.measure.open"
REASSIGN_OPEN = "assumption.reassign.open"  # ask somebody else instead of one who does not answer
REPLY = "owner.reply.open"
UNDO_REPLY = "reply.undo"  # in the thread: takes back an answer in words
TAKE_BACK = "reply.take_back"  # in the thread: takes back "not mine" and "ask @bob"

# Buttons after a refuted assumption.
CHANGE_DELAY = "refuted.delay"
CHANGE_SCOPE = "refuted.scope"
CHANGE_REPLACE = "refuted.replace"

# The page of a project's webhooks.
WEBHOOK_ADD = "webhook.add"  # and a tool's name after a dot
WEBHOOK_MORE = "webhook.more"  # the overflow; its options are the four below
WEBHOOK_STEPS = "steps"
WEBHOOK_TRY = "try"
WEBHOOK_ROTATE = "rotate"
WEBHOOK_TAKE_OUT = "remove"

# Buttons on a setback.
CAUSED = "trace.caused"
CONTRIBUTED = "trace.contributed"
NOT_RELATED = "trace.not_related"
MISSING = "trace.missing"
FURTHER = "trace.further"
READ_SETBACK = "setback.read_all"
SHOW_SETBACK = "setback.show"
SETBACK_MORE = "setback.more"  # the overflow; its options are the five below, with the number
SETBACK_SHOW = "show"
SETBACK_EDIT = "edit"
SETBACK_CLOSE = "close"
SETBACK_REOPEN = "reopen"
SETBACK_MERGE = "merge"
SETBACK_LIST = {  # the word of the filter: its button
    "open": "setback.list.open",
    "all": "setback.list.all",
}
SETBACK_LIST_MORE = "setback.list.more"

# Buttons on an offer to log what somebody said.
OFFER_LOG = "offer.log"
OFFER_LATER = "offer.later"
OFFER_NEVER = "offer.never"  # not to this person in this channel

# The rest.
DEFINITIONS = "report.definitions"
SHARE_REPORT = "report.share"
REPORT_FILES = {"md": "report.file.md", "csv": "report.file.csv"}  # the format: its button
HOME_LOG = "home.log"
HOME_SETBACK = "home.setback"
HOME_ANSWER = "home.answer"  # opens a form with every answer, wherever the button is
HOME_BACK = "home.back"
HOME_MORE = "home.more"
HOME_LIST = "home.list"
HOME_FILTERS = {  # of what one owns; each its button
    "open": "home.mine.open",
    "unvalidated": "home.mine.unvalidated",
    "overdue": "home.mine.overdue",
    "stale": "home.mine.stale",
    "refuted": "home.mine.refuted",
}
HOME_HOURS = "home.hours"
CADENCE_OPEN = "project.cadence.open"

# Blocks of the forms that hold an input. An input's action id is always INPUT.
INPUT = "value"
STATEMENT = "statement"
SAME_MEANING = "same_meaning"
PROJECT = "project"
ASKED = "asked"
IMPACT = "impact"
VALIDATE_BY = "validate_by"
CONSEQUENCE = "consequence"
CONFIDENCE = "confidence"
OWNER = "owner"
BACKUP = "backup"
QUORUM = "quorum"
SERVICES = "services"
TAGS = "tags"
KEY = "key"
NAME = "name"
LEAD = "lead"
EVIDENCE = "evidence"
WHO = "who"
WHEN = "when"
ANSWERED = "answer"
REASON = "reason"
ACT = "act"
ROWS = "rows"  # and the number of the group of ten
FIRST_HALF = "first"
SECOND_HALF = "second"
UNTIL = "until"
STARTS = "starts"
ENDS = "ends"
WEEKDAYS = "weekdays"
COUNTRY = "country"
AWAY = "away"
FIRST_ASK = "first_ask"
REMIND_AFTER = "remind_after"
REMINDERS = "reminders"
LIFETIME = "lifetime"
FIGURE = "figure"
UNIT = "unit"
CHECK_ON = "check_on"
ACTUAL = "actual"
KIND = "kind"
TEXT = "text"
STARTED = "started"
ENDED = "ended"
DAYS = "days"
MINUTES = "minutes"
MONEY = "money"
SEVERITY = "severity"
REPEATS = "repeats"
SIGNED_BY = "signed_by"


@dataclass(frozen=True, slots=True)
class QuestionRef:
    """Which question a button on an ask belongs to, as its `value`.

    It is a hint for routing: who may answer, and whether evidence is needed, the use case decides.
    """

    key: AssumptionKey
    round: int
    needs_evidence: bool = False

    def __str__(self) -> str:
        return f"{self.key}|{self.round}|{'e' if self.needs_evidence else ''}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        key_text, _, rest = text.partition("|")
        round_text, _, flag = rest.partition("|")
        key = AssumptionKey.parse(key_text)
        if key is None or not round_text.isdecimal():
            return None
        return cls(key, int(round_text), flag == "e")


@dataclass(frozen=True, slots=True)
class TraceRef:
    """Which candidate of which setback a button belongs to, as its `value`."""

    setback: int
    key: AssumptionKey

    def __str__(self) -> str:
        return f"{self.setback}|{self.key}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        number, _, key_text = text.partition("|")
        key = AssumptionKey.parse(key_text)
        return cls(int(number), key) if number.isdecimal() and key is not None else None


@dataclass(frozen=True, slots=True)
class ListRef:
    """Which page of which list a button leads to, as its `value`."""

    project: ProjectKey | None
    filter: str  # a word of `views.listing.FILTERS`
    after: AssumptionKey | None = None
    sort: str = "new"  # a word of `views.listing.SORTS`

    def __str__(self) -> str:
        return f"{self.project or ''}|{self.filter}|{self.after or ''}|{self.sort}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; what an older button wrote names no order."""
        project, word, after, sort, *_ = [*text.split("|"), "", "", ""]
        return cls(
            ProjectKey(project) if project else None,
            word,
            AssumptionKey.parse(after),
            sort or "new",
        )


@dataclass(frozen=True, slots=True)
class HistoryRef:
    """Which page of an assumption's history a button leads to, as its `value`."""

    key: AssumptionKey
    page: int = 0  # 0 is the newest

    def __str__(self) -> str:
        return f"{self.key}|{self.page}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        key_text, _, page = text.partition("|")
        key = AssumptionKey.parse(key_text)
        if key is None or not (page.isdecimal() and len(page) < _DIGITS_MAX):
            return None
        return cls(key, int(page))


@dataclass(frozen=True, slots=True)
class SetbackListRef:
    """Which page of which list of setbacks a button leads to, as its `value`."""

    project: ProjectKey | None
    is_open: bool
    before: int | None = None

    def __str__(self) -> str:
        word = "open" if self.is_open else "all"
        return f"{self.project or ''}|{word}|{self.before or ''}"

    @classmethod
    def parse(cls, text: str) -> Self:
        project, _, rest = text.partition("|")
        word, _, before = rest.partition("|")
        number = int(before) if before.isdecimal() else None
        return cls(ProjectKey(project) if project else None, word != "all", number)
