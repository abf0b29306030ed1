"""People who can sign in: users, roles, sessions, and the limits on guessing."""
