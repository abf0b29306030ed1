"""Where things are kept: the database, files, keys that work once, pages of long lists."""
