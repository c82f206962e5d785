"""``rldbs bench``: how fast the core, the environments and training are on this machine."""
