"""Rules that say what awards add up to; in this first form, stacks: all of a set of micro-credentials."""
