"""A signed and dated statement of what was checked, for somebody's file."""
