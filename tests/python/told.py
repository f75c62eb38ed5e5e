"""An event of Beckon's log in words: what stands in its envelope, and its body."""

import json


def told(event):
    """One line: stream, version, name, time and body; sealed values are named, not shown."""
    envelope = json.loads(event.metadata)
    assert envelope["stream"] == event.stream_name, "the envelope is of another stream"
    assert envelope["version"] == event.stream_position, "the envelope is of another version"
    assert envelope["type"] == event.type, "the envelope is of another event"
    body = json.dumps(unsealed(json.loads(event.data)), ensure_ascii=False)
    return f"{event.stream_name} {event.stream_position} {event.type} {envelope['at']} {body}"


def unsealed(value):
    """The value with "(sealed: SUBJECT)" where something is sealed."""
    if isinstance(value, list):
        return [unsealed(one) for one in value]
    if isinstance(value, dict):
        if value.keys() == {"$s", "n", "c"}:
            return f"(sealed: {value['$s']})"
        return {name: unsealed(one) for name, one in value.items()}
    return value
