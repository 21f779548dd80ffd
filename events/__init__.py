"""What happens when and where: activities and their calendars."""
