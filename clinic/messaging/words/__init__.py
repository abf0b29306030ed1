"""The words of messages."""
