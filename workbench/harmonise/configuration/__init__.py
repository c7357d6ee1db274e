"""Configurable process models: the unified procedure with the ways in which organisations may differ from it."""
