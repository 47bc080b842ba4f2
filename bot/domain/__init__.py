"""Rules on frozen data: the standard library only, no I/O, `now` is an argument."""
