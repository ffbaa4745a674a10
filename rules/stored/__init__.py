"""What an evaluation leaves in the store: its tables."""
