"""Delivery of messages: from queued to a visible end, once."""
