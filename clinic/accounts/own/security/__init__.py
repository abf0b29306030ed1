"""How a person's own account is kept safe."""
