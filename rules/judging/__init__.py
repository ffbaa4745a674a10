"""Registry, standard and facts in, every answer with its reason out. Reads nothing, asks no clock."""
