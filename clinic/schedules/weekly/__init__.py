"""The weekly hours of a doctor as a person enters them."""
