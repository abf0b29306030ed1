"""Visits of people who have not proven who they are: held for minutes, then free for others."""
