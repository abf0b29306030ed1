"""The web server's side: sockets, and whose word about them counts."""
