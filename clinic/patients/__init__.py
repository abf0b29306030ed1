"""People who are cared for, and the organisations that know them."""
