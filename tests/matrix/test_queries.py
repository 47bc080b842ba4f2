"""Every look that a listener takes at the database asks who looks, or is of the person's own."""

import ast
import importlib
import inspect
from pathlib import Path

import bot.slack

# What each of these returns is the person's own, or says nothing of what was said anywhere.
NEEDS_NO_READER = {
    "all_workspaces": "where the bot is installed",
    "calendar_of": "the person's own hours",
    "due_for": "what the person themselves is asked",
    "hours_of": "the person's own hours",
    "installation_state": "where the bot is installed",
    "installation_states": "where the bot is installed",
    "installations_of": "where the bot is installed",
    "is_listening": "whether a channel is listened to",
    "is_met": "whether the person is known in the channel where they are",
    "known_channel": "what the channel is where the person acts",
    "project_of": "the project of the channel where the person acts",
    "read_draft": "the person's own text",
    "read_thread": "what a message asks its own reader",
    "reader_for": "who looks",
    "recall": "one person's account",
    "suggest_key": "keys alone, and that one is taken is no secret",
    "unreadable_tokens": "where the bot is installed",
}


def _looks() -> dict[str, str]:
    """Every function that a module of `bot.slack` runs by `db.read`, with the module's name."""
    found: dict[str, str] = {}
    for path in sorted(Path(bot.slack.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func).endswith("db.read")
                and node.args
                and isinstance(node.args[0], ast.Name)
            ):
                found[node.args[0].id] = f"bot.slack.{path.stem}"
    return found


def test_every_look_asks_who_looks_or_is_of_the_persons_own() -> None:
    open_to_all = []
    for name, module in _looks().items():
        unit = getattr(importlib.import_module(module), name, None)
        parameters = inspect.signature(unit).parameters if unit is not None else {}
        if not {"reader", "by"} & parameters.keys():
            open_to_all.append(name)

    assert sorted(set(open_to_all) - NEEDS_NO_READER.keys()) == []
