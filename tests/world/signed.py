"""The signed DNS of the stories: zones of every kind below `example`, a front that spoils what it is told to, and the
lines of configuration with which a Postseal validates by our root.
"""
from .knot import Front, Knot, Zone

ZONES = {"": {}, "example": {}, "signed.example": {}, "nsec3.example": {"denial": "nsec3"}, "unsigned.example": {"delegation": "unsigned"},
         "wrongds.example": {"delegation": "wrong"}, "expired.example": {"expired": True}}

VALIDATION = """\
validate = "self"
trust_anchor = "{trust_anchor}"
self_test = {{ signed = ["signed.example"], bogus = ["wrongds.example"] }}"""


class SignedDns:
    """Knot at 127.0.22.52 and the front at 127.0.22.54, at the story's ports + 52 and + 54."""

    def __init__(self, world, records, ttl=60):
        self.knot = world.add(Knot(world.root / "knot", "127.0.22.52", world.port + 52, [Zone(name, **how) for name, how in ZONES.items()],
                                   {"ns.example": {"A": ["127.0.22.52"]}} | records, ttl))
        self.front = world.add(Front("127.0.22.54", world.port + 54, (self.knot.address, self.knot.port)))
        self.place = (self.front.address, self.front.port)
        world.readable()

    @property
    def settings(self):
        """What World.postseal takes so that DANE is on and our root is believed."""
        return {"dns": "{}@{}".format(*self.place), "validation": VALIDATION.format(trust_anchor=self.knot.trust_anchor), "dane": "true"}
