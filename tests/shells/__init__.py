"""What real shells, in a pseudo-terminal, make of what rldbs offers and prints; run with `make test-shells`.

Where a shell is not installed its tests are skipped; `make test-shells` brings all three (Debian).
"""
