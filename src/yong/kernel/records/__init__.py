"""Records: the registers a department keeps, as typed tables with history, forms, import and export."""
