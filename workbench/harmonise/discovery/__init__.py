"""Process discovery: routes, sound models of a log, and the search for better ones by edits."""
