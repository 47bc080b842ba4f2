"""The product's clock."""

from datetime import UTC, datetime, timedelta


class MovableClock:
    """Runs as the real one does, ahead of it or behind it by an offset.

    Only the demo and `tick --now` move it. Leases, signatures and trigger ids stay on real time.
    """

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def move_to(self, moment: datetime) -> None:
        """Let it be `moment` (aware) now; time runs on from there."""
        self.offset = moment.astimezone(UTC) - datetime.now(UTC)
