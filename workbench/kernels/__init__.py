"""Numba on plain arrays: serial, nogil, cached.

Each kernel has a slow readable reference in the tests.
"""
