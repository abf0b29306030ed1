"""What the people of a visit are told, and when."""
