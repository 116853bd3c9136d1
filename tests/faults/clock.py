"""The calendar's clock is set, by an hour and by years, forward and back (rule 54): nothing expires in bulk, nothing goes
out in clear because a certificate seems too old, nobody waits for years, and ids keep rising.
"""
import shim
from peers import Told, balanced, settled
from world import waiting
from world.story import equal, expect

HOUR, YEARS = 3600, 3 * 365 * 86400
WAITING = 6


class Story:
    def __init__(self, world, peers):
        self.peers, self.rounds, self.ids = peers, 0, []
        self.server = world.postseal("127.0.22.6", name="clock", port=world.port + 6, policy="secure.example secure\n",
                                     outbound='retry = { first = "1s", max = "2s", give_up = "60s" }\nmessages_per_connection = 1')
        self.shim = shim.Shim(self.server.root, shim.build(world.root))
        self.server.environment = self.shim.environment
        self.told = Told(self.server.places[0])
        self.server.start()

    def look(self):
        """The ids of a new message rise, and it is delivered as before."""
        self.rounds += 1
        name = f"clock-{self.rounds}"
        equal(self.told.offer(name, "user@good.example"), "250", "a new message")
        waiting.until("its delivery", lambda: self.peers.taken[f"{name}@fault.example"], 15)
        self.ids.append(self.server.trace(f"<{name}@fault.example>")["queue_id"])
        equal(self.ids, sorted(self.ids), "ids in their order")
        balanced(self.server)

    def forward(self, seconds):
        """What waits still waits: age alone ends nothing."""
        before = [f"wait-{self.rounds}-{number}" for number in range(WAITING)]
        self.peers.patient = True
        for name in before:
            equal(self.told.offer(name, "user@slow.example"), "250", "before the jump")
        waiting.until("the first tries", lambda: all(self.server.recipient(f"<{name}@fault.example>")["reason"] for name in before))
        self.shim.move_clock(seconds)
        self.look()
        states = [self.server.recipient(f"<{name}@fault.example>")["state"] for name in before]
        equal(states, ["queued"] * WAITING, "states after the jump")
        expect(self.server.trace("<clock-1@fault.example>"), "old records are kept")
        self.peers.patient = False
        settled(self.server, self.told, self.peers)

    def back(self, seconds):
        """Who was due a moment after the old time is not put off until then; and who arrives now goes now."""
        self.peers.patient = True
        name = f"behind-{self.rounds}"
        equal(self.told.offer(name, "user@slow.example"), "250", "before the jump")
        waiting.until("the first try", lambda: self.server.recipient(f"<{name}@fault.example>")["reason"])
        self.shim.move_clock(-seconds)
        self.look()
        self.peers.patient = False
        settled(self.server, self.told, self.peers)

    def certificate(self):
        """In that time the peer's certificate has expired: the message waits, and is never sent in clear."""
        equal(self.told.offer("secure-1", "user@secure.example"), "250", "before the jump")
        waiting.until("its delivery over TLS", lambda: self.peers.taken["secure-1@fault.example"])
        self.shim.move_clock(YEARS * 10)
        equal(self.told.offer("secure-2", "user@secure.example"), "250", "after the jump")
        reason = waiting.until("the reason", lambda: self.server.recipient("<secure-2@fault.example>")["reason"])
        expect("expired" in reason, f"the reason: {reason}")
        equal(self.peers.taken["secure-2@fault.example"], 0, "sent nevertheless")
        self.shim.move_clock(-YEARS * 10)
        settled(self.server, self.told, self.peers)
        return reason

    def restart(self):
        """Started while the clock is wrong, and set right afterwards."""
        self.peers.patient = True
        equal(self.told.offer("restart", "user@slow.example"), "250", "before the stop")
        waiting.until("the first try", lambda: self.server.recipient("<restart@fault.example>")["reason"])
        self.server.stop()
        self.shim.move_clock(-YEARS)
        self.server.start()
        self.look()
        self.shim.move_clock(YEARS)
        self.look()
        equal(self.server.recipient("<restart@fault.example>")["state"], "queued", "state")
        self.peers.patient = False
        settled(self.server, self.told, self.peers)


def run(world, peers, runner):
    story = Story(world, peers)
    runner.case("rule 54: the clock, as it is", story.look)
    for what, seconds in (("an hour", HOUR), ("three years", YEARS)):
        runner.case(f"rule 54: the clock is set {what} forward", story.forward, seconds)
        runner.case(f"rule 54: the clock is set {what} back", story.back, seconds)
    runner.case("rule 54: a certificate that seems to have expired", story.certificate)
    runner.case("rule 54: a restart with a wrong clock", story.restart)
