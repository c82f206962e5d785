"""Controllers that leave the house: as C for firmware, as networks for other programs, with all that they need to know.

What is written stands alone: it knows what an observation is made of, and needs nothing of this package.
"""
