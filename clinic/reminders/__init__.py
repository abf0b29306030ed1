"""When somebody must be told something: rules, plans, and the handlers that make them."""
