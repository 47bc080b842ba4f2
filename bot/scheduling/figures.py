"""What a process counts about its own sending, for `/metrics`."""

from typing import Self

from prometheus_client import Counter, Histogram


class _Failures(Counter):
    """By Slack's code or a word of ours; what is a sentence, and may name a workspace, is one."""

    def labels(self, cause: str) -> Self:  # type: ignore[override]
        return super().labels("no call" if cause.endswith(".") else cause)


prompts_handed_over = Counter("stilltrue_prompts_handed_over", "Prompts that became a message.")
messages = Counter("stilltrue_messages", "Sends, by how they ended.", ["outcome"])
failures = _Failures("stilltrue_message_failures", "Sends that Slack did not take.", ["cause"])
claims = Counter("stilltrue_claims", "Rows that this process took to work on.", ["queue"])
asked_to_wait = Counter("stilltrue_slack_asked_to_wait", "Sends that Slack put off (429).")
dwell = Histogram(
    "stilltrue_message_dwell_seconds",
    "From the moment that a message was due to the moment that Slack had it.",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600),
)
