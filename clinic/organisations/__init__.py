"""Hospitals, clinics and businesses, their locations and their rules."""
