// What --help of `postseal policy ...` says below the options.
#pragma once

namespace postseal::cli::help {

inline constexpr const char* policy =
    R"(These commands work while the server runs and while it doesn't; it notices a change within a second, and
tries at once what waits for that domain.

Examples:
  postseal policy memory list --fallen         whose mail has become less protected than it was?
  postseal policy memory accept example.org --reason 'they moved to another host, asked by phone'
  postseal policy except example.org --level may --until 2027-01-31 --reason 'their certificate has expired'
  postseal policy exceptions                   what is excepted, by whom, until when
  postseal policy suggest                      entries for the policy map
  postseal policy try sealed --since 30d       what would wait if nothing but proven servers had my mail?)";

inline constexpr const char* except =
    R"(For mail to that domain the level takes the place of everything else that is demanded (the policy map, what
the domain publishes, memory), but not of REQUIRETLS, which gives way to --requiretls alone. It ends by itself, a
day as it begins (00:00 UTC); until then it stands, with your name and the reason, in every record that it
touched. A second exception takes the place of the first. What is to hold for more than a year belongs into the
policy map.

--requiretls: enforce (as without an exception); opportunistic+starttls (TLS must be had, the keyword need not);
opportunistic (asked for where it is offered); disable (as if the message had not asked).

Examples:
  postseal policy except example.org --level may --until 2027-01-31 --reason 'their certificate has expired'
  postseal policy except example.org --requiretls opportunistic+starttls --until 2027-01-31 --reason 'agreed'
  postseal policy except example.org --end)";

inline constexpr const char* exceptions =
    R"(Those that ended are shown for 90 days.

Examples:
  postseal policy exceptions
  postseal policy exceptions --json)";

inline constexpr const char* memory =
    R"(Postseal remembers how mail to each domain was protected. What was reached often and long enough is expected:
with [outbound] memory = "warn" (the default) less is told in the log and delivered, with "enforce" it waits.

Examples:
  postseal policy memory list
  postseal policy memory list --fallen
  postseal policy memory accept example.org --reason 'they moved to another host, asked by phone'
  postseal policy memory forget example.org)";

inline constexpr const char* memoryList =
    R"(For each domain what the last delivery had, what is remembered, and where it has become less. Numbers may be an
hour old. Status 1: DOMAIN is not known.

Examples:
  postseal policy memory list example.org
  postseal policy memory list --fallen --json)";

inline constexpr const char* memoryAccept =
    R"(What the domain's mail has become is taken for good: what waited for more is delivered, and from now on no more
than that is expected, until more has been reached often enough again. Ask the domain's administrator first, and
not by mail. Status 1: nothing has become less.

Examples:
  postseal policy memory accept example.org --reason 'no TLSA records any more, says their postmaster')";

inline constexpr const char* memoryForget =
    R"(Nothing is expected of the domain until it has been reached often enough again. Status 1: it is not known.

Examples:
  postseal policy memory forget example.org --reason 'the domain was sold')";

inline constexpr const char* suggest =
    R"(For each domain that has been authenticated for 30 days, and of which the policy map says nothing, an entry that
demands it, with a comment where the knowledge comes from. Read it before you put it into the map: from then on
the entry decides, whatever the domain publishes.

Examples:
  postseal policy suggest
  postseal policy suggest >> /etc/postseal/tls_policy)";

inline constexpr const char* tryLevel =
    R"(Of the mail that was sent over a network, counted by recipient: what would have waited, and come back in the
end, if LEVEL were the default ([outbound] level), by domain and with the reason that the newest record gives.
sealed: any proof of the server, by DANE, by MTA-STS, or else by a certificate for the recipients' domain; secure:
that certificate, whatever is published; verify: one for the host that the MX record names. It tells as much as was
recorded: another host of the domain might have done, and TLSA records that nobody asked for are not known. Status
1: something would have waited.

Examples:
  postseal policy try encrypt --since 30d      who would still have to be written to in clear text?
  postseal policy try sealed --since 30d
  postseal policy try sealed --json)";

}  // namespace postseal::cli::help
