"""An endpoint: where one tool of a workspace tells us what went wrong."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import ChannelId, ProjectKey, WorkspaceId


class WebhookSource(StrEnum):
    PAGERDUTY = "pagerduty"
    ALERTMANAGER = "alertmanager"
    GITHUB = "github"
    JIRA = "jira"
    INCIDENTIO = "incidentio"
    OPSGENIE = "opsgenie"
    GENERIC = "generic"

    @property
    def sends_secret(self) -> bool:
        """Whether the tool sends the secret itself instead of signing with it."""
        return self in {WebhookSource.ALERTMANAGER, WebhookSource.OPSGENIE}

    @property
    def makes_secret(self) -> bool:
        """Whether the tool makes the secret, so that it has to be copied from there to here."""
        return self in {WebhookSource.PAGERDUTY, WebhookSource.INCIDENTIO}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecret:
    """One of those that are accepted; several are, while a secret is changed.

    `value` is the key where the tool signs, which nobody can check without the key itself. Where
    the tool sends the secret, it is its SHA-256: ours are random, so that is all it takes.
    """

    value: str
    expires_at: datetime | None = None  # aware UTC; None: until it is changed


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    workspace: WorkspaceId
    id: str  # to name it in commands and logs; opens nothing
    source: WebhookSource
    token: str  # the part of its address that cannot be guessed; never logged
    channel: ChannelId  # where its setbacks are shown
    project: ProjectKey | None  # that its setbacks belong to; None: the one at home in `channel`
    secrets: tuple[WebhookSecret, ...]  # the newest first; without any, nothing is accepted
    added_at: datetime
    heard_at: datetime | None = None  # when something genuine came last

    @property
    def path(self) -> str:
        """Where it listens: the workspace is read from here, and never from what is sent."""
        return f"/webhooks/{self.source}/{self.workspace}-{self.id}-{self.token}"

    def accepted(self, now: datetime) -> tuple[str, ...]:
        """Return the values of the secrets that are accepted at `now`."""
        return tuple(
            secret.value
            for secret in self.secrets
            if secret.expires_at is None or now < secret.expires_at
        )
