"""Settings, root URLs and the start of the processes; knows everything and is known by nobody."""
