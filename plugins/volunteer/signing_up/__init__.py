"""Signing up: volunteers register themselves, find shifts, take a place, wait for one, leave."""
