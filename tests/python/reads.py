"""Checks what a client of KurrentDB reads from Beckon's log.

    LOG_URI=esdb://any:TOKEN@HOST:PORT?tlsCaFile=CA.pem reads.py SESSION
"""

import os
import sys
import time

from kurrentdbclient import KurrentDBClient, NewEvent, StreamState
from kurrentdbclient.exceptions import AccessDeniedError, NotFoundError, UnauthenticatedError

from told import told


def refused(kind, ask):
    """The error of that kind which `ask` must end with."""
    try:
        answer = ask()
    except kind as error:
        return error
    raise SystemExit(f"not refused: {answer!r}")


def main():
    uri, stream = os.environ["LOG_URI"], f"session-{sys.argv[1]}"
    client = KurrentDBClient(uri)

    session = client.get_stream(stream)
    assert [event.stream_position for event in session] == list(range(len(session)))
    for event in session:
        print(told(event))
    back = client.get_stream(stream, backwards=True)
    assert [event.id for event in back] == [event.id for event in reversed(session)]
    assert all(event.content_type == "application/json" for event in session)
    age = time.time() - session[0].recorded_at.timestamp()
    assert 0 <= age < 600, f"recorded {age} s ago"
    print(f"read {len(session)} events of the session")

    with client.read_all() as events:
        log = list(events)
    places = [event.commit_position for event in log]
    assert places == sorted(set(places)), "the order of the log"
    assert all(event.commit_position == event.prepare_position for event in log)
    with client.read_all(backwards=True) as events:
        assert [event.id for event in events] == [event.id for event in reversed(log)]
    with client.read_all(commit_position=places[2]) as events:
        assert [event.id for event in events] == [event.id for event in log[2:]]
    with client.read_all(filter_include=["session-.*"], filter_by_stream_name=True) as events:
        of_sessions = [event.id for event in events]
    assert of_sessions == [event.id for event in log if event.stream_name.startswith("session-")]
    assert client.get_commit_position() == places[-1]
    print(f"read {len(log)} events of the log")

    with client.subscribe_to_all(commit_position=places[2]) as events:
        assert next(events).id == log[3].id

    refused(NotFoundError, lambda: client.get_stream("session-none"))
    token = uri.split("://", 1)[1].split("@", 1)[0].split(":", 1)[1]
    wrong = KurrentDBClient(uri.replace(token, "beckon_" + "A" * 43))
    refused(UnauthenticatedError, lambda: wrong.get_stream(stream))
    print("a wrong token is refused")
    event = NewEvent(type="Approved", data=b"{}")
    append = lambda: client.append_to_stream(stream, events=event, current_version=StreamState.ANY)
    print(f"an append is refused: {refused(AccessDeniedError, append)}")
    refused(AccessDeniedError, lambda: client.delete_stream(stream, current_version=StreamState.ANY))
    print("a deletion is refused")


if __name__ == "__main__":
    main()
