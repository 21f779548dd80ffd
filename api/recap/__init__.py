"""The recap: its pages and JSON."""
