"""Texts and letters: the delivery ledger, the channels, and what people answer."""
