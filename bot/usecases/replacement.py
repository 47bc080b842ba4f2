"""Asking another in the place of somebody who cannot be asked."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.attention import Attention
from bot.domain.cadence import Cadence
from bot.domain.history import StakeholderReleased
from bot.domain.ids import WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.member import Member
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.prompt import Prompt
from bot.store import assumption as assumptions
from bot.store import attention as attentions
from bot.store import history, outbox, prompt, prompt_claim
from bot.store import member as members
from bot.usecases.assumption import add_stakeholder, refold, refresh_messages
from bot.usecases.owner import (
    People,
    owner_or_successor,
)
from bot.usecases.renewal import renew

log = structlog.get_logger()


def hand_to_another(
    tx: Connection,
    claimed: Claimed[Prompt],
    assumption: Assumption,
    reason: str,
    *,
    people: People,
    now: datetime,
    cadence: Cadence,
) -> None:
    """Release somebody who cannot be asked; a backup is asked instead, else the owner hears it."""
    key, workspace = claimed.item.key, claimed.item.workspace
    if not prompt_claim.skip(tx, claimed, outcome=reason):
        return
    person = next(p for p in assumption.stakeholders if p.user == key.stakeholder)
    released = replace(person, is_released=True)
    assumptions.put_stakeholder(tx, workspace, key.assumption, released)
    gone = StakeholderReleased(stakeholder=key.stakeholder, reason=reason)
    seq = history.append(tx, workspace, key.assumption, gone, by=None, at=now)
    prompt.cancel(
        tx,
        workspace,
        key.assumption,
        stakeholder=key.stakeholder,
        outcome=reason,
        keeps_notice=True,  # the answer that they gave stands until it expires
    )
    backup = _reachable_backup(tx, assumption, people)
    if backup is not None:
        add_stakeholder(tx, assumption, backup, by=None, reason=reason, now=now, cadence=cadence)
    else:
        told = MessageKey(
            kind=MessageKind.HANDED_BACK,
            about=str(key.assumption),
            to=owner_or_successor(tx, assumption),
            occasion=str(seq),
        )
        outbox.want(tx, workspace, told, now=now)
    after = refold(tx, assumptions.get(tx, workspace, key.assumption) or assumption)
    renew(tx, after, now=now, cadence=cadence)
    refresh_messages(tx, after, now=now)
    log.info("stakeholder.unreachable", assumption=str(key.assumption), user=key.stakeholder)


def why_unreachable(member: Member | None, attention: Attention, *, now: datetime) -> str:
    """Return why the person cannot be asked; empty where they can."""
    if member is None:
        return "Slack does not know this person"
    if member.is_bot:
        return "this is a bot"
    if member.is_deactivated:
        return "this account is deactivated"
    is_reachable = attention.is_reachable(now)
    return "" if is_reachable else "Slack does not let me write to this person"


def slack_refused(tx: Connection, workspace: WorkspaceId, batch: str, *, now: datetime) -> int:
    """Take back questions to somebody whom Slack does not let us message.

    They are due at once, and `hand_over` then asks another. Returns how many questions they were.
    """
    asked = prompt.of_batch(tx, workspace, batch)
    count = prompt.give_back(tx, workspace, batch, due_at=now)
    for user in {one.key.stakeholder for one in asked}:
        attention = attentions.lock(tx, workspace, user)
        attentions.put(tx, workspace, user, replace(attention, unreachable_at=now))
    return count


def _reachable_backup(
    tx: Connection,
    assumption: Assumption,
    people: People,
) -> Member | None:
    for person in assumption.stakeholders:
        if person.is_backup and not person.is_released:
            where = (assumption.workspace, person.user)
            known = people.get(where) or members.get(tx, assumption.workspace, person.user)
            if known is not None and known.can_be_asked:
                return known
    return None
