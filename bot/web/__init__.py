"""HTTP: the front door for Slack's requests, the state of the process, and a page for people."""
