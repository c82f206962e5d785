"""The neuronal populations: the native core, its Python face, and the descriptions of the neuron models."""
