"""The service: evaluate every few minutes, keep the history, judge the alerts."""
