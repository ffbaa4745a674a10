"""The yearly statistics forms (教育事业统计报表) as schools export them, read into schools and statistics."""
