"""A doctor's profile as the doctor, or who runs the clinic, fills it in."""
