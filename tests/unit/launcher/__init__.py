"""The launcher `adm`, run for real in a small checkout; the system tools around it are played."""
