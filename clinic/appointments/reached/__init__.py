"""How the patient of a visit is written to, and what was written."""
