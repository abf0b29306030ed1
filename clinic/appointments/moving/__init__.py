"""Moving a visit by page: its own times, and one question before it."""
