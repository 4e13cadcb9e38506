"""The specification. While it is read nothing is garbage: looking for some takes a third of that time."""

import gc

gc.disable()
