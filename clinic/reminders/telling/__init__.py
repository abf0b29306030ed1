"""Plans that are due become messages."""
