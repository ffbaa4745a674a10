"""The quarterly report (季报): workbooks and a document from one evaluation, frozen when it is handed in."""
