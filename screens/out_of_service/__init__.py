"""The machine cannot serve."""
