"""One plain function per thing someone can do, run inside one transaction."""
