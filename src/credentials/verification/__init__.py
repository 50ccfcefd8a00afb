"""Is this credential good? Read it, gather what judging needs, then judge from values alone."""
