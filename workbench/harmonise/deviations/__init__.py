"""Where organisations leave the usual practice: steps, orders, channels, deciders, all tested together."""
