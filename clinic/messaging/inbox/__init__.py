"""The development inbox."""
