"""V7 and V8 of docs/log-format.md: what endpoints sign in a session, and which event may come when."""
import json
from forms import ENDED, GRANT, HEX, REMOVED, UUID, b64, fits, form, head, hex64, need, said, sha, spelled, time

ACTIONS = ["view", "control", "chat", "files", "clipboard", "camera", "system_info"]
# The table of docs/events.md: of a state the events that may come, and where each leads (to nothing: it stays).
TABLE = {state: dict((step + ">").split(">")[:2] for step in steps) for state, *steps in map(str.split, """
none       Created>Created
Created    InvitationSent Joined>Available InvitationCancelled>Ended Expired>Expired Ended>Ended
Available  ApprovalRequested>Requested ClipboardShared AgentLost AgentResumed Expired>Expired Ended>Ended
Requested  Approved>Active Rejected>Available ApprovalLapsed>Available ApprovalCancelled>Available \
           ClipboardShared AgentLost AgentResumed Ended>Ended
Active     OperatorConnected ActionStarted ActionStopped ClipboardShared ExtensionRequested GrantExtended ExtensionRefused \
           GrantWithdrawn Paused Continued OperatorLeft>Available AgentLost AgentResumed Ended>Ended
Ended      AgentRemoved HeadSigned
Expired    AgentRemoved HeadSigned""".strip().splitlines())}

def actions(value):
    need(type(value) is list and value == [one for one in ACTIONS if one in value], "actions are not in their form")
    return set(value)

class Session:
    def __init__(self, stream):
        self.stream, self.state, self.agent, self.request, self.grant = stream, "none", None, None, None
        self.n, self.asked, self.granted, self.until, self.more = -1, set(), set(), "", None
        self.running, self.shared, self.paused, self.lost, self.after, self.parties = set(), False, False, False, set(), set()

    def signed(self, kind, data, opened):
        """V7: the statement is by its endpoint, and says the same as the event."""
        if kind == "HeadSigned":
            key = {"agent": self.agent, "control": self.grant and self.grant["control"]["ed25519"]}[data["by"]]
            text = head(self.stream, data["version"], hex64(data["leaf"]))
            return need(said(data["statement"], key) == text, "another head is signed")
        if kind not in ("Approved", "GrantExtended", "GrantWithdrawn", "AgentRemoved", "Ended") or (
                kind == "Ended" and form(data["by"], str) != "user" and data["statement"] is None):
            return
        fact = spelled(said(data["statement"], self.agent), {"Ended": ENDED, "AgentRemoved": REMOVED}.get(kind, GRANT))
        need(self.stream == f"session-{fact['session']}", "another session is signed")
        if kind == "Ended":
            return
        if kind == "AgentRemoved":
            for name in ("removed", "left"):
                self.commitments(name, fact["said"]["removed"][name], data[name], opened)
        else:
            withdrawn = kind == "GrantWithdrawn"
            actions(fact["actions"])
            for name in ["n", "actions", "until"][:2 if withdrawn else 3]:
                need(json.dumps(fact[name]) == json.dumps(data[name]), f"another {name} is signed")
            if by := self.request if kind == "Approved" else self.grant:        # without one, V8 refuses the event
                same = fact["operator"] == by["operator"] and fact["control"] == by["control"]["ed25519"]
                need(same, "a grant for another operator or Control is signed")

    def commitments(self, name, commitments, entries, opened):
        need(len(form(commitments, [HEX])) == len(entries), f"{name}: another number of entries is signed")
        for i, commitment in enumerate(commitments):
            pointer = f"/{name}/{i}"
            entry = opened.get(pointer, entries[i])
            holds = pointer not in opened and "$s" in entry or sha(b64(entry["salt"], 16) + entry["value"].encode()).hex() == commitment
            need(holds, f"another {name}/{i} is signed")

    def legal(self, kind, data, at):
        """V8: the table of states, and the rules beside it."""
        need(kind in TABLE[self.state], f"{kind} cannot come in the state {self.state}")
        holds, changes = self.rule(kind, data, at)
        need(holds, f"{kind} breaks a rule of its event")
        if kind in ("Joined", "ApprovalRequested"):
            self.parties |= {data["agent" if kind == "Joined" else "control"]["ed25519"]}
        vars(self).update(changes, state=TABLE[self.state][kind] or self.state)

    def rule(self, kind, d, at):
        """V8 of an event: what must hold, and what changes."""
        if kind in ("Approved", "GrantExtended", "GrantWithdrawn"):
            need(form(d["n"], int) > self.n, "the number of the grant does not grow")
            grant = {"n": d["n"], "granted": actions(d["actions"])}
        if kind in ("Approved", "GrantExtended"):
            grant["until"] = form(d["until"], time)
        if kind in ("Approved", "Rejected", "ApprovalLapsed", "ApprovalCancelled"):
            need(form(d["request"], int) == self.request["request"], f"{kind} answers another request")
        match kind:
            case "Created": return f"session-{d['session']}" == self.stream, {}
            case "Joined": return fits(d["agent"]["ed25519"], HEX), {"agent": d["agent"]["ed25519"]}
            case "ApprovalRequested":
                readable = fits(d["request"], int) and fits(d["control"]["ed25519"], HEX) and fits(d["operator"], UUID)
                return readable, {"request": d, "asked": actions(d["actions"])}
            case "Approved":
                changes = {"grant": self.request, "paused": False, "more": None}
                return set() < grant["granted"] <= self.asked, grant | changes
            case "OperatorConnected":
                return d["operator"] == self.grant["operator"] and d["control"] == self.grant["control"]["ed25519"], {}
            case "ActionStarted":
                startable = self.granted - self.running if at < self.until else set()
                running = {d["action"]} | ({"view"} if d["action"] == "control" else set())
                shared = self.shared or d["action"] == "clipboard"
                return d["action"] in startable, {"running": self.running | running, "shared": shared}
            case "ActionStopped": return d["action"] in self.running, {"running": self.running - {d["action"]}}
            case "ClipboardShared": return self.shared, {}
            case "ExtensionRequested": return True, {"more": actions(d["actions"])}
            case "ExtensionRefused": return self.more == actions(d["actions"]), {"more": None}
            case "GrantExtended":
                more = self.granted if self.more is None else self.granted | self.more
                return self.more is not None and self.granted <= grant["granted"] <= more, grant | {"more": None}
            case "GrantWithdrawn":
                return grant["granted"] < self.granted and actions(d["withdrawn"]) == self.granted - grant["granted"], grant
            case "Paused" | "Continued": return self.paused == (kind == "Continued"), {"paused": not self.paused}
            case "AgentLost" | "AgentResumed": return self.lost == (kind == "AgentResumed"), {"lost": not self.lost}
            case "AgentRemoved": return kind not in self.after, {"after": self.after | {kind}}
            case "HeadSigned": return d["by"] not in self.after, {"after": self.after | {d["by"]}}
        return True, {}
