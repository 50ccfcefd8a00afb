"""``/api/v1``: one module for each room, named like it."""
