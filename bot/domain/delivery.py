"""What somebody outside delivered to us, named so that a second copy changes nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivery:
    source: str  # "slack", or the tool behind a webhook
    key: str  # unique per workspace and source: an event id, a trigger id, a click's moment
