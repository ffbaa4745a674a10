"""A stock-take (盘点) on its way back: sheets that people ticked and scanned, read, checked and kept."""
