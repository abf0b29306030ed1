"""Words that a front desk needs often."""
