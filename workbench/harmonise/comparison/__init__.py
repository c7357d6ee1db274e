"""Organisations side by side: distances, clusters, differences, punctuality and practice, standardised for case mix."""
