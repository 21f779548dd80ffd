"""Comings and goings: how they are taken, what becomes of them, and how they are put right."""
