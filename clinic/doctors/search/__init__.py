"""What people type to find a doctor, and how it narrows the directory."""
