"""Checks per device, one runner, one report: the same for the command line, a timer, a screen and a remote command."""
