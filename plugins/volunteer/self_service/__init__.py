"""What a volunteer does for himself: his page, records, calendar, data."""
