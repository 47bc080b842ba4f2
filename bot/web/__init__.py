"""HTTP: the front door for Slack and for incident tools, the state of the process, a page."""
