from tests.trust.workshop import clinic

__all__ = ["clinic"]
