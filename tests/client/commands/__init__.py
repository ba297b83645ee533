"""The command line of the client: as processes, against a real gallery."""
