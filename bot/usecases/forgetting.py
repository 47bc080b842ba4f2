"""What nobody needs any more: deliveries that cannot come again, texts of forms long closed."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.store import draft, inbox

Place = inbox.Place

# Slack tries for an hour, PagerDuty for two days, and GitHub lets one repeat those of three days.
DELIVERIES_KEPT = timedelta(days=4)
DRAFTS_KEPT = timedelta(days=1)


def forget_deliveries(
    tx: Connection, *, now: datetime, after: Place | None, limit: int
) -> tuple[int, Place | None]:
    """Look at the next `limit` deliveries; return how many were forgotten, and where to go on."""
    return inbox.forget_before(tx, now - DELIVERIES_KEPT, after=after, limit=limit)


def forget_drafts(tx: Connection, *, now: datetime) -> int:
    return draft.forget_before(tx, now - DRAFTS_KEPT)
