"""The whole machine on one computer: `run` for people, `tour` that plays a resident's journey by itself."""
