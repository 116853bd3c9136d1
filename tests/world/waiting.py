"""Waiting for an event with a limit; nothing in the stories waits longer than for the event itself."""
import socket
import time


class TooLate(AssertionError):
    """What was waited for did not come within its limit."""


def until(what, happened, limit=20.0):
    """Calls `happened` until it returns something true, and returns that; TooLate names `what` after `limit` seconds."""
    ends = time.monotonic() + limit
    pause = 0.005
    while True:
        result = happened()
        if result:
            return result
        if time.monotonic() > ends:
            raise TooLate(f"{what}: not within {limit:g} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def listening(address, port):
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False
