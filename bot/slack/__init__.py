"""Slack's side of the bot: listeners, forms, Block Kit, the messenger and the directory."""
