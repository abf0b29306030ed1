"""The privacy notice and the terms of an organisation, each version of them."""
