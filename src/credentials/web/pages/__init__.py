"""The pages: one module for each room, named like it, with its templates in the folder of the same name."""
