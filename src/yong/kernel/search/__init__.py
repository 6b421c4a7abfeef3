"""One index, Chinese and English, over every Relation; what it proposes is shown as the caller may see it."""
