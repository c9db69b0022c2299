"""Floor 4: primitives that contain jaxprs. They use transforms (to derive their inner programs) and stand above them."""
