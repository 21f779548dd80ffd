"""The language in which a recap is worded, and whose words apply where."""
