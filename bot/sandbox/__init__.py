"""A strict local Slack with a browser page, for trying and testing a bot without a workspace."""

from bot.sandbox.sandbox import Sandbox
from bot.sandbox.seed import App, Channel, Command, Person, Seed, Shortcut
from bot.sandbox.server import serve

__all__ = ["App", "Channel", "Command", "Person", "Sandbox", "Seed", "Shortcut", "serve"]
