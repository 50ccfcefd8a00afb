"""The append-only record of what our keys have signed: each signature chained to the one before it."""
