"""The launcher `adm`, run for real in a small checkout; the system's tools (apt, dpkg, sudo, df) are played."""
