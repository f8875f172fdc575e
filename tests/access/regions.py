"""Regions are reference data: they have no address of their own."""

EXPECTED = {}
