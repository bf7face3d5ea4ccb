"""Nobody is being served: the machine invites."""
