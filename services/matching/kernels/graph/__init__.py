"""People, their jobs and the arcs between them: the columns, and how they are read and kept up."""
