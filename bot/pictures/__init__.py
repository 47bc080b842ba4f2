"""The report's pictures, drawn in a process of their own, so that this one stays small."""
