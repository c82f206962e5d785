"""The process around a command: what it shows, how it is stopped, which threads and children it has."""
