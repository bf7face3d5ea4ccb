"""An officer's release code."""
