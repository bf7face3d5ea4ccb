"""An A4 feeder and presenter on USB: the sheet moves in time, and its sensors with it."""
