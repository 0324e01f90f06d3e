"""python -m kanwidget does what the command kanwidget does."""

import sys

from kanwidget.shell import main

if __name__ == "__main__":
    sys.exit(main())
