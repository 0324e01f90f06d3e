"""What a person waits for in the widget, measured in a real JupyterLab; `make bench-ui` runs it."""
