"""One unified procedure: candidates, the pick among them, and what is drawn on its flows."""
