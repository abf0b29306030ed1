"""Reminders on pages: those of an organisation for its front desk, and a patient's own."""
