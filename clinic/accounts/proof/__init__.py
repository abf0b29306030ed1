"""Proof of who somebody is: passwords, second factors, links and codes, and limits on guessing."""
