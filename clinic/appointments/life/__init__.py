"""The life of a visit: its states, locks and who may see it."""
