"""Lists of patients become records."""
