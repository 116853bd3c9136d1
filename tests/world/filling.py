"""A long queue without hours of sending: deferred messages written into the store of a server that does not run."""
import sqlite3
import time

SEQUENCES = 2048  # of one microsecond: src/store/key.cpp


def fill(postseal, count, next_hop, reason="connect to mx.example[192.0.2.1]:25: Connection refused", due=3600.0, age=7200.0,
         body=b"Subject: waiting\r\n\r\nHello.\r\n" * 40):
    """`count` messages of one recipient each, arrived `age` seconds ago, tried once, due in `due` seconds.

    `next_hop(i)` names the next hop of the i-th. The server has been started once before, so that the tables are there.
    """
    now = int(time.time() * 1e6)
    store = sqlite3.connect(postseal.root / "data/postseal.db")
    first = now - int(age * 1e6) - count

    def key(i):
        return (first + i) * SEQUENCES
    with store:
        store.executemany(
            "INSERT INTO messages(id, sender, body_type, message_id, arrived, body_size, file, prefix, body) "
            "VALUES(?, 'author@sender.example', 1, ?, ?, ?, NULL, ?, ?)",
            ((key(i), f"<filled-{i}@direct.example>", first + i, len(body), b"Received: by us\r\n", body) for i in range(count)))
        store.executemany(
            "INSERT INTO recipients(message, number, next_hop, address, claimed, state, next_attempt, attempts, reason) "
            "VALUES(?, 0, ?, ?, 0, 0, ?, 1, ?)",
            ((key(i), next_hop(i), f"user{i}@example.net", now + int(due * 1e6), reason) for i in range(count)))
        store.execute("UPDATE balance SET accepted = accepted + ?", (count,))
    store.close()


def resident_mib(pid):
    """What a process has in memory now, in MiB."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024
