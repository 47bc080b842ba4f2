"""What the slash commands are called here: Slack lets the app installed last win a name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandNames:
    assume: str = "/assume"
    setback: str = "/setback"
    stilltrue: str = "/stilltrue"
