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
TAKING = (Step.INBOX_INSERT, Step.INBOX_COMMITTED)
# Slack may have the message although nothing says so: one more, with a mark, is right there.
MAY_REPEAT = frozenset({Step.AFTER_POST, Step.WHILE_RECORDING})
