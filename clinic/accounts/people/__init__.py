"""Accounts that somebody else gives and looks after."""
