"""What people agreed to, as programs show and keep it."""
