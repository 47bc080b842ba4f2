"""What happens when its moment comes: the ticks, what they claim, and what is sent."""
