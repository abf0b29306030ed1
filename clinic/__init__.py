"""The clinic's front door: find a doctor, book, be seen. Imports nothing: processes that need
only a setting must not pay for the whole product."""

__version__ = "0.1.0"
