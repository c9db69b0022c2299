"""Programs to run and to read: `python -m fgrad.examples.digits`. They use the public names of fgrad only."""
