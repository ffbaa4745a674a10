"""What the bureau wants its gateways to run: kept, signed, sent in stages, and how it went."""
