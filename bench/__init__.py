"""Measurements: ratios in one run, against named floors and peers."""
