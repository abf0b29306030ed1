"""Whether all that messages need is there and works: the provider's account, the mail server."""
