"""The inbox of a front desk: conversations, who answers them, and replies."""
