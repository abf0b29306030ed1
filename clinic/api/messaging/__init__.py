"""What Twilio posts."""
