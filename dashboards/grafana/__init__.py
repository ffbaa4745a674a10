"""Grafana as code: dashboards on what is stored, their provisioning, a check, and a push to a Grafana."""
