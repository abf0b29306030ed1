"""The places of an organisation, one by one: renamed, moved to another address, closed."""
