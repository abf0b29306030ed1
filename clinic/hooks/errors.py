"""Why something about a webhook cannot be done."""

from clinic.core.errors import N_, Conflict, Invalid


class NotAWebhook(Invalid):
    title = N_("Some details of the webhook are not right")


class TooManyWebhooks(Conflict):
    code, title = "too_many_webhooks", N_("20 webhooks are the most. Delete one first.")


class WebhookIsPaused(Conflict):
    code, title = "webhook_paused", N_("This webhook is paused. Resume it first.")


class StillWaiting(Conflict):
    code, title = "still_waiting", N_("This one waits to be sent already.")
