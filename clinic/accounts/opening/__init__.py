"""A clinic opens itself."""
