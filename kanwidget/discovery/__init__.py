"""From data to a formula: constants refitted, put in one form, and snapped to those a person writes."""
