"""Client of central's registry."""
