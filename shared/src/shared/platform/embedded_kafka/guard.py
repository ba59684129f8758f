"""Kills the broker once whoever started it is gone, however that came: the kernel then closes the pipe between them."""

import sys
from contextlib import suppress

import psutil

if __name__ == "__main__":
    number = sys.stdin.readline()
    if number:
        broker = psutil.Process(int(number))  # remembers when it began, so that no other of that number is meant
        sys.stdin.read()
        with suppress(psutil.NoSuchProcess):
            broker.kill()
