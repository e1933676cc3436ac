"""One module per group of commands. Commands only translate between words and the platform."""
