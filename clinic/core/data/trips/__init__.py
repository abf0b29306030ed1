"""Few trips to the database: questions asked together, and rows written together at the end."""
