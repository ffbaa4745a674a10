"""Asking SNMP agents: over v2c, over v3, or out of a recorded walk. Knows nothing of access points."""
