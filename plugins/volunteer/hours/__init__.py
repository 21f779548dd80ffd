"""Hours: why they are what they are, who confirms them, and what somebody should look at first."""
