"""One file per way of doing the work. Each is a program: a task in, a claim out."""
