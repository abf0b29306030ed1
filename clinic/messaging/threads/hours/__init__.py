"""When somebody is at the desk, and what is texted back when nobody is."""
