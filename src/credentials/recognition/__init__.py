"""Who recognises a badge: the public rules of licences, of other pathways and of pay in which it counts."""
