"""Whether something answers at an address, which device it is, and whether the way to it is open."""
