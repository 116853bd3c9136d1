"""The mail world on loopback that the stories in tests/, ./demo and bench/run start: a certificate authority, real
Postfix servers, a scripted DNS server, scripted peers that misbehave, and Postseal among them.

Only Python's standard library. Needs root (Postfix does). Everything lives in one folder under /tmp and on
addresses 127.0.22.x; leaving `World` ends every process and removes the folder.
"""
