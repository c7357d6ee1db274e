"""Redesign moves with what they rest on, the compliance cost they spare, and the barriers to full online service."""
