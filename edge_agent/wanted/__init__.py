"""Settings from the bureau: proven, permitted, tried, kept or taken back."""
