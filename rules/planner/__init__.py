"""The planner: the least to buy so that every section passes and every stage is balanced."""
