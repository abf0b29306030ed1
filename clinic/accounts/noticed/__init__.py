"""What is noticed about accounts: tries that were refused, and what their owners are told."""
