"""Tables in whatever file people have: workbooks and text, read as streams, nothing in them believed."""
