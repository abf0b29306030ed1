"""What WhatsApp approves before we may write outside of a patient's day."""
