"""What somebody outside delivered to us, named so that a second copy changes nothing."""

from dataclasses import dataclass

from bot.domain.errors import BotError


@dataclass(frozen=True, slots=True)
class Delivery:
    source: str  # "slack", or the tool behind a webhook
    key: str  # unique per workspace and source: an event id, a trigger id, a click's moment


class SecondCopyError(BotError):
    """The delivery was handled before: it changes nothing, and is acknowledged as the first was."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} was handled before.")
