"""The sheet of seven indicators (七项指标报告), 44 columns wide, read as schools and statistics."""
