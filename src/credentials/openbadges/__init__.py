"""The documents: Open Badges 3.0, CLR 2.0 and their status lists: what they may say, how they are built, baked, drawn."""
