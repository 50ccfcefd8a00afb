"""What we answered to a request that must not be carried out twice, so that its repetition gets the same answer."""
