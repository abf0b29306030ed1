"""What a text says by itself: the words of patients in their languages, and of machines."""
