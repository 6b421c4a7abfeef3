"""Papers set by Typst from the templates that modules declare. The same data gives the same bytes."""
