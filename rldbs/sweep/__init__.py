"""``rldbs train -m``: many runs in one folder, on one machine or many, that can be gone on with at any time.

``definition`` makes the runs out of overrides and checks each, ``folder`` writes them down, ``engines`` decides how
many run at once, ``run`` starts them with one of Hydra's launchers, ``job`` is what happens in each process, and
``watch`` tells how far they are. What has become of a run is read from its folder alone, never from what a launcher
says.
"""
