"""What a process counts about its own sending, for `/metrics`."""

from prometheus_client import Counter, Histogram

prompts_handed_over = Counter("stilltrue_prompts_handed_over", "Prompts that became a message.")
messages = Counter("stilltrue_messages", "Sends, by how they ended.", ["outcome"])
failures = Counter("stilltrue_message_failures", "Sends that Slack did not take.", ["cause"])
claims = Counter("stilltrue_claims", "Rows that this process took to work on.", ["queue"])
asked_to_wait = Counter("stilltrue_slack_asked_to_wait", "Sends that Slack put off (429).")
dwell = Histogram(
    "stilltrue_message_dwell_seconds",
    "From the moment that a message was due to the moment that Slack had it.",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600),
)
