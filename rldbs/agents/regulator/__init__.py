"""Linear-quadratic-Gaussian control of an identified mean field: the model, its gains, and the controller they make."""
