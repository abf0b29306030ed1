"""The page that tells whether messages can go and come: each channel's state, and the proof."""
