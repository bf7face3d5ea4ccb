"""The only room that may spend a blank: journal, printing, recovery, and what the registry still has to hear."""
