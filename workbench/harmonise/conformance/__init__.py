"""Models against what organisations do: alignments, the scores and changes that follow from them, expected times."""
