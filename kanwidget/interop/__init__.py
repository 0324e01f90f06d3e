"""Networks of others that open here, and ours that open there: pykan's and efficient-kan's."""
