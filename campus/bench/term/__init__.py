"""`campus bench district`: a district's day minute by minute, its term in the day book, its pages."""
