"""What somebody hears where another company reads their project's channel."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.cadence import Cadence
from bot.domain.errors import NotFoundError
from bot.domain.ids import ProjectKey
from bot.domain.outbox import Message
from bot.store import exposure
from bot.usecases.audience import readers_of
from bot.usecases.channel import is_shared
from bot.usecases.contents import SharedContent
from bot.usecases.project import get_project


def read_shared(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> SharedContent | None:
    """Return what is there to be read; None where the company is gone again.

    Nothing either for somebody who may not see the project: an owner who left its channel, say.
    """
    workspace, key = message.workspace, ProjectKey(message.key.about)
    with suppress(NotFoundError):
        project = get_project(tx, workspace, key, reader=readers_of(tx, message))
        if is_shared(tx, workspace, project.channel):
            cards, setbacks = exposure.posted_in(tx, workspace, project.channel)
            return SharedContent(project=project, cards=cards, setbacks=setbacks)
    return None
