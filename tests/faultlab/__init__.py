"""The fault lab: real servers and real programs, broken on purpose, judged from rows and receipts alone."""
