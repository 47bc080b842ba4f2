"""What a person does in each tool so that it tells us; the same words wherever they are shown."""

from bot.domain.webhook import WebhookEndpoint, WebhookSource


def setup_steps(
    endpoint: WebhookEndpoint, *, base_url: str, secret: str | None, bring: str
) -> list[str]:
    """Return the steps, one sentence or two each.

    Args:
        endpoint: As stored.
        base_url: Where the tool reaches the bot, without a slash at the end.
        secret: The one that was made just now; None where the tool makes it, or nobody knows it
            any more.
        bring: Where a secret that the tool made is brought to.
    """
    url = base_url.rstrip("/") + endpoint.path
    shown = secret or "the one that was shown when it was made"
    steps = {
        WebhookSource.PAGERDUTY: [
            "In PagerDuty open Integrations, Generic Webhooks (v3), New Webhook.",
            f"Webhook URL: {url}",
            "Choose the service, team or account, and the events that begin with “incident.”.",
            f"Add it, copy the signing secret that it shows once, and bring it here: {bring}",
        ],
        WebhookSource.ALERTMANAGER: [
            "In alertmanager.yml give a receiver this webhook, and route alerts to it:",
            "\n".join(
                [
                    "webhook_configs:",
                    f"  - url: {url}",
                    "    send_resolved: true",
                    "    http_config:",
                    "      authorization:",
                    f"        credentials: {shown}",
                ]
            ),
            "Reload Alertmanager. Route only what is worth a setback: each group becomes one, "
            "however many alerts are in it; group_by says what belongs together.",
        ],
        WebhookSource.GITHUB: [
            "In the repository, or the organisation, open Settings, Webhooks, Add webhook.",
            f"Payload URL: {url}",
            "Content type: application/json",
            f"Secret: {shown}",
            "Choose “Let me select individual events”, and of them only Issues.",
            "Labels decide the kind: incident, delay, scope change; anything else is a bug, "
            "except features, questions and the like.",
        ],
        WebhookSource.JIRA: [
            "In Jira open Settings, System, WebHooks, Create a WebHook (you need to be an admin).",
            f"URL: {url}",
            f"Secret: {shown}",
            "Events: Issue created, updated and deleted. A JQL filter keeps it to what matters.",
            "An issue counts by its type or labels: incident, bug, delay, scope change.",
        ],
        WebhookSource.INCIDENTIO: [
            "In incident.io open Settings, Webhooks, Add endpoint.",
            f"Endpoint URL: {url}",
            "Events: the ones that begin with “public_incident.incident_”.",
            f"Create it, copy its signing secret (whsec_…), and bring it here: {bring}",
        ],
        WebhookSource.OPSGENIE: [
            "In Opsgenie open Settings, Integrations, Add integration, Webhook.",
            f"Webhook URL: {url}",
            f"Add a custom header: Authorization, with the value Bearer {shown}",
            "Alert actions: create, close, delete, update priority and message. Save and turn on.",
        ],
        WebhookSource.GENERIC: [
            f"Send JSON by POST to {url}",
            "Sign the body by HMAC-SHA256 and send it as  X-Signature-256: sha256=HEX",
            f"The key: {shown}",
            'The body: {"id": "OPS-7", "updated_at": "2026-03-02T14:20:00Z", "kind": "incident", '
            '"text": "Checkout is down", "started_at": "2026-03-02T14:05:00Z", "ended_at": null, '
            '"severity": "sev2", "services": ["checkout"], "url": "https://…"}',
            "Send it again with a later updated_at when something changed.",
        ],
    }
    return steps[endpoint.source]
