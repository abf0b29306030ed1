"""How fast the product is, beside a base measured in the same run: `python -m bench`."""
