"""A sample workspace, the story played in it, and the sandbox and the bot running together."""
