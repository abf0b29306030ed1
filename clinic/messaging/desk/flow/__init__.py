"""How messages get through: a funnel by channel and day, and what moves them."""
