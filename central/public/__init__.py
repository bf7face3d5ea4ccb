"""What anybody may ask with a browser: is this document genuine, what became of this receipt. Names nobody."""
