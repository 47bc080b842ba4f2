"""A strict local Slack with a browser page, for trying and testing a bot without a workspace."""

from bot.sandbox.sandbox import Sandbox
from bot.sandbox.seed import (
    App,
    Channel,
    Command,
    Function,
    Parameter,
    Person,
    Seed,
    Shortcut,
    Team,
)
from bot.sandbox.server import serve

__all__ = [
    "App",
    "Channel",
    "Command",
    "Function",
    "Parameter",
    "Person",
    "Sandbox",
    "Seed",
    "Shortcut",
    "Team",
    "serve",
]
