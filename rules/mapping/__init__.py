"""Gateways' room maps beside what the bureau decides: the registry's rooms, and what is out of service."""
