"""Rules: registry, standard and observed facts in; verdicts with their reasons and evidence out."""
