"""The shortfall register (销号台账): a fold over the history of evaluations."""
