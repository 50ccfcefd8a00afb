"""The hash-chained record of decisions: who did what to which thing, when and why."""
