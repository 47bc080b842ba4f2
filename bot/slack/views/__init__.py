"""Block Kit: data in, dict out. The limits of Slack are kept here."""
