"""Diagrams of the tables of a schema and of what refers to what."""
