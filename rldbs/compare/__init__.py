"""``rldbs compare``: runs, sweeps and measured controllers together, on equal terms.

``collect`` finds what has been measured, ``compare`` makes tables of it, ``show`` and ``write`` give them to the user.
"""
