// Read, and then counts as a file that the RTL depends on.
