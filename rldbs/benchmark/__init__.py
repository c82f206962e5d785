"""The benchmark: every classical controller, tuned, and every learner, trained, on every task, on equal terms.

Each run is one of ``rldbs tune`` or ``rldbs train`` in a process of its own, as a user would start it.
"""
