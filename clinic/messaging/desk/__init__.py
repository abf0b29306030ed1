"""The ledger for the front desk."""
