"""Prints a session as it happens, read over EventStoreDB's protocol with a client of KurrentDB.

    LOG_URI=esdb://any:TOKEN@HOST:PORT?tlsCaFile=CA.pem follow.py [SESSION]

Without SESSION it is the next one that is created. Ends when the session has ended and nothing
more is told about it for some seconds.
"""

import os
import queue
import sys
import threading

from kurrentdbclient import KurrentDBClient

from told import told

ENDS = ("Ended", "Expired", "InvitationCancelled")
SILENCE = 5.0


def follow(client, session, heard):
    """Puts every event of the session into `heard`; the last thing is why there are no more."""
    try:
        if session:
            events = client.subscribe_to_stream(f"session-{session}", include_caught_up=True)
        else:
            events = client.subscribe_to_all(
                from_end=True,
                filter_include=["session-.*"],
                filter_by_stream_name=True,
                include_caught_up=True,
            )
        stream = f"session-{session}" if session else None
        for event in events:
            if event.is_caught_up:
                heard.put("live")
                continue
            if stream is None and event.type == "Created":
                stream = event.stream_name
            if event.stream_name == stream:
                heard.put(event)
    except Exception as error:  # it is told, whatever it is
        heard.put(error)


def main():
    session = sys.argv[1] if len(sys.argv) > 1 else None
    client = KurrentDBClient(os.environ["LOG_URI"])
    heard = queue.Queue()
    threading.Thread(target=follow, args=(client, session, heard), daemon=True).start()
    ended = False
    while True:
        try:
            event = heard.get(timeout=SILENCE if ended else None)
        except queue.Empty:
            print("the session is over", flush=True)
            return 0
        if event == "live":
            print("following", flush=True)
        elif isinstance(event, Exception):
            print(f"stopped: {type(event).__name__}: {event}", flush=True)
            return 1
        else:
            print(told(event), flush=True)
            ended = ended or event.type in ENDS


if __name__ == "__main__":
    code = main()
    # The client's own thread waits for the next event.
    sys.stdout.flush()
    os._exit(code)
