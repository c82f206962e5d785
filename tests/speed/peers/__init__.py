"""The same population in other tools, each as well as its own users would write it, in an environment of their own."""
