"""Figures: each is measured by one command, beside what it is compared with, in the same run."""
