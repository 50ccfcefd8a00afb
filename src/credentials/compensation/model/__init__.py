"""The nouns of pay, one module for each."""
