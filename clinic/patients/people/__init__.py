"""The person and the organisations that know them."""
