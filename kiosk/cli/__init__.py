"""The command line of one machine: technicians and scripts talk to the same daemon as the screens do."""
