"""Giving the notices that are due: digests, cycle starts, retrospectives."""

from bot.usecases.notice import give_notice
from bot.usecases.ports import Clock, Database

BATCH = 50  # notices to a transaction


class NoticeTick:
    """Gives notice until nothing is due. Any number of processes may."""

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def run(self) -> int:
        """Give what is due; return how many notices were."""
        given = 0
        while count := await self._db.write(give_notice, now=self._clock.now(), limit=BATCH):
            given += count
        return given
