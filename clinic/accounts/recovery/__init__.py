"""Forgotten passwords and invitations: into an account by a link."""
