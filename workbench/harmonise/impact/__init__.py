"""What a deviation costs: time of its steps, time from end to end, lateness, supplements and outcome."""
