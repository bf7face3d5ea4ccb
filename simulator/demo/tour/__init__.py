"""A resident's journey that plays itself: real touches on the real screens, measured and pictured."""
