"""The ledger by program."""
