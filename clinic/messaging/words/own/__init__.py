"""Words of organisations."""
