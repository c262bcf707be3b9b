"""`python -m upstreams.management.dev PORT [REAL]` runs the service of this folder until Ctrl-C."""

import signal
import sys

if __name__ == "__main__":
    # Until the guard receives signals, Ctrl-C ends this process at once: a KeyboardInterrupt that is raised in a
    # callback, such as those of imports, is lost.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    from upstreams.management.dev.command import main

    main(*sys.argv[1:])
