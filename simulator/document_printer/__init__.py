"""An A4 printer: a real IPP printer (ippeveprinter) whose mechanics are simulated."""
