"""Work that follows a decision, placed in the decision's own transaction and redeemed after it."""
