"""The commands of `yong`, each in the module of its name, which is loaded when it is called."""
