"""Floor 3: what is done to a whole jaxpr before it runs."""
