"""What an award is worth in pay: rules of districts and universities, claims, the ledger, the pay run."""
