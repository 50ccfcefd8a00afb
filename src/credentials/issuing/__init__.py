"""An entitlement becomes an award, exactly once."""
