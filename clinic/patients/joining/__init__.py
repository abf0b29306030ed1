"""One person with two records: one that the desk made, and one of their own account."""
