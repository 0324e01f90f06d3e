"""A live network as pykan's users reach into it: ``model.act_fun[l]`` and ``model.symbolic_fun[l]``.

A view holds no numbers.  What it shows is read from the model when it is looked at, in pykan's shapes and
order of axes, and what is written to it is written to the model, or refused with a sentence.
"""

from kanwidget.views.numeric import KANLayer
from kanwidget.views.symbolic import Symbolic_KANLayer
from kanwidget.views.told import Told
from kanwidget.views.window import Window, look

__all__ = ["KANLayer", "Symbolic_KANLayer", "Told", "Window", "look"]
