"""A LibreOffice on this machine: where it is, and how to drive it without a window."""
