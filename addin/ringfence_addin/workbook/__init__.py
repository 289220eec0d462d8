"""Workbooks that exist: looked through, read as bytes, changed in place."""
