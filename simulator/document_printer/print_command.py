"""What ippeveprinter runs for each job: hands it to the simulator, and passes on what the simulator says.

`print_command.py SOCKET FILE`. Runs without the project on its path. What is sent to standard error drives
the printer's state (ippeveprinter(1), "print command"): STATE: and ATTR: lines; the exit status ends the job.
"""

import json
import os
import socket
import sys


def main(address: str, file: str) -> int:
    """Exit status for ippeveprinter: 0 completed, 1 aborted."""
    with socket.socket(socket.AF_UNIX) as simulator:
        simulator.connect(address)
        job = {"job": int(os.environ["IPP_JOB_ID"]), "file": os.path.abspath(file)}
        simulator.sendall(json.dumps(job).encode() + b"\n")
        for line in simulator.makefile("r"):
            if line.startswith("EXIT "):
                return int(line.removeprefix("EXIT "))
            print(line, end="", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
