"""Step labels of organisations to canonical steps: proposals by text and behaviour, their review, what is in force."""
