"""Back into an account by a link."""
