from clinic.accounts import limits, sessions


def tidy() -> int:
    """Remove what is no longer needed to count tries or tell sessions."""
    return limits.forget_old() + sessions.forget_old()
