"""The use cases of cityops: reports as cases, Open311 both ways, classes and components."""
