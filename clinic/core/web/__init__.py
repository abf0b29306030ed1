"""What all doors share: security, forms, htmx, answers to errors, doorbells."""
