"""The pages, one file each; each registers itself, and the navigation is built from the registry."""
