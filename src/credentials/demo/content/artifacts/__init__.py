"""Files such as educators hand in, made as bytes from values alone."""
