// What --help says below the options of `postseal trace` and `postseal report ...`.
#pragma once

namespace postseal::cli::help {

inline constexpr const char* trace =
    R"(With an ID, prints every hop of the messages that bear it: with whom, what the policy demanded, what
protection the hop had and how it was proven. With filters instead, lists the transfers for which all of them
hold, newest first, a line each with the queue id to ask for next. --to and --from take an address, a whole
domain (@example.org or example.org, without those below it) or '<>', the sender of bounces; --domain is
either side's. --since is a day, a time, or how long ago: 2026-11-23, 30m, 4h, 2d. Status 1: nothing found.

Examples:
  postseal trace 00dT6QSJ8hw0007               one message, hop by hop
  postseal trace '<42@example.org>' --json     the same by Message-ID, for programs
  postseal trace --to bob@partner.example      was my mail to him sealed?
  postseal trace --domain partner.example --since 2d
  postseal trace --since 1h                    what came and went just now)";

inline constexpr const char* report =
    R"(What the ledger's records come to, as far back as they are kept (ledger.detail).

Examples:
  postseal report traffic --since 30d          how much of the month's mail was sealed, encrypted, in clear?
  postseal report traffic --by operator        and with whose servers?
  postseal report refused --since 7d           whom did the rules for incoming mail keep out?)";

inline constexpr const char* traffic =
    R"(Counts recipients, out and in: sealed (the other side proved who it is), encrypted (TLS, but nobody proven),
open (clear text), local (it crossed no network), waiting (queued or held now, whenever it came), returned.
--by domain: the other side's; --by day: in UTC; --by operator: the registered domain of the other side's
host, which for clients is the name that they gave. The most mail first; beyond --limit all the rest in one line.

Examples:
  postseal report traffic
  postseal report traffic --since 2026-11-01 --by domain
  postseal report traffic --since 7d --by day --json)";

inline constexpr const char* refused =
    R"(Whose mail inbound policy refused, by rule, the sender's domain and the client, as far back as ledger.refused
keeps it; and, with the mode testing, whose it would have refused and took. What a flood was too much for is
counted as `*`. --since counts whole days of UTC.

Examples:
  postseal report refused
  postseal report refused --since 1d --json)";

}  // namespace postseal::cli::help
