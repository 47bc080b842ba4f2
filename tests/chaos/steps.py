"""The points at which a process can be made to die."""

from enum import StrEnum


class Step(StrEnum):
    NEVER = "never"
    BEFORE_CLAIM = "before claim"
    AFTER_CLAIM = "after claim"
    BEFORE_POST = "before POST"
    AFTER_POST = "after POST, before commit"
    WHILE_RECORDING = "in the commit after POST"
    AFTER_COMMIT = "after commit"
    BEFORE_UPDATE = "before chat.update"
    AFTER_UPDATE = "after chat.update, before commit"
    WHILE_RECORDING_UPDATE = "in the commit after chat.update"
    PROMPT_CLAIMED = "after claim of a question"
    PROMPT_IN_HAND_OVER = "in the hand-over of a question"
    PROMPT_HANDED_OVER = "after hand-over, before POST"
    INBOX_INSERT = "during inbox insert"
    INBOX_COMMITTED = "after inbox commit, before ack"
    MIGRATION = "in a migration"


SENDING = (
    Step.BEFORE_CLAIM,
    Step.AFTER_CLAIM,
    Step.BEFORE_POST,
    Step.AFTER_POST,
    Step.WHILE_RECORDING,
    Step.AFTER_COMMIT,
)
UPDATING = (Step.BEFORE_UPDATE, Step.AFTER_UPDATE, Step.WHILE_RECORDING_UPDATE)
ASKING = (Step.PROMPT_CLAIMED, Step.PROMPT_IN_HAND_OVER, Step.PROMPT_HANDED_OVER)
TAKING = (Step.INBOX_INSERT, Step.INBOX_COMMITTED)
# Slack has the message although nothing says so: one more, with a mark, is right there.
MAY_REPEAT = frozenset({Step.AFTER_POST, Step.WHILE_RECORDING})
