"""Messages enter the ledger."""
