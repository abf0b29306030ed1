"""The sign-up of a clinic, and the first steps of its administrator."""
