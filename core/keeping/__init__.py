"""Backups of the whole database, made while it runs, and putting one back."""
