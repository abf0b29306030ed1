"""No more letters of a kind, said by the link in one of them."""
