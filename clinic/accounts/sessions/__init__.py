"""Who is signed in, in browsers and by program."""
