"""The inventory: what was seen on the network beside what the asset ledgers name."""
