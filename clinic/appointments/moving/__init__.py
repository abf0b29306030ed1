"""Moving a visit by page: its own times or a colleague's, and one question before it."""
