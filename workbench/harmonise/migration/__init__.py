"""The way to the unified procedure: what each organisation must change, and how far it still is."""
