"""The day of a doctor or of a front desk."""
