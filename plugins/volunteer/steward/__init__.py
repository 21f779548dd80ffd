"""The steward's page: an installed web app that takes punches for a day without any network."""
