"""Proof-reading of a summary: its figures, and what is wrong within the text itself."""
