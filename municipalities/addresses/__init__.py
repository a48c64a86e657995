"""Addresses: what somebody typed, and what a register says about it. Nothing here knows of signals."""
