"""Growth and equity: goals, and published counts in which nobody can be found."""
