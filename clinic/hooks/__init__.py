"""Webhooks: other programs are told by HTTPS what happened at an organisation."""
