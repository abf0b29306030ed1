"""What the front desk keeps about patients."""
