// What --help of `postseal alliance ...` says below the options.
#pragma once

namespace postseal::cli::help {

inline constexpr const char* alliance =
    R"(An alliance is a signed list of domains that promise each other how their mail travels. Whoever joins it sends
to its members, and takes from them, only what keeps to it. A list only raises what is demanded otherwise. These
commands work while the server runs and while it doesn't; it notices a change within a second.

Examples:
  postseal alliance build domains.txt --root our-root.pem --name post > post.json
  postseal alliance keygen post.key
  postseal alliance sign post.json --private-key post.key --output post.signed.json
  postseal alliance add https://lists.example.org/post.json --key BASE64
  postseal alliance list                       what we joined, until when, in which mode)";

inline constexpr const char* allianceBuild =
    R"(Looks at the mail hosts of each domain: what DNS names, and whether each proves its own name by a certificate
under the CAs of --root (without it, under the configured ones). No mail is sent. Who does is proposed as a member,
domains with the same hosts together; who does not is named on standard error, with the reason. Read the list
before you sign it. With --from-map nothing is looked at: what the table demands is what members promise.

Examples:
  postseal alliance build domains.txt --root our-root.pem --name post > post.json
  postseal alliance build --from-ledger --observe --name partners > partners.json
  postseal alliance build --from-map /etc/postfix/tls_policy --name partners > partners.json)";

inline constexpr const char* allianceKeygen =
    R"(The private key goes into a new file that only you can read; the public one is printed, for those who join.

Examples:
  postseal alliance keygen post.key)";

inline constexpr const char* allianceSign =
    R"(The list is read first, and refused where a member could not join it. A list that is signed already gets one more
signature, so that the next key can be introduced beside the old one.

Examples:
  postseal alliance sign post.json --private-key post.key --output post.signed.json)";

inline constexpr const char* allianceVerify =
    R"(Status 1: it is no list, its signature is of another key, or it has ended.

Examples:
  postseal alliance verify post.json
  postseal alliance verify post.signed.json --key BASE64)";

inline constexpr const char* allianceDiff =
    R"(Which domains came, which left, and what changed of the others. Signatures are not looked at. Status 1: something
changed.

Examples:
  postseal alliance diff post-6.json post-7.json
  postseal alliance diff post.signed.json      against the one that we joined)";

inline constexpr const char* allianceAdd =
    R"(Shows the members, asks, and then holds to the list: mail to a member leaves only for hosts and by certificates
that the list names, mail from one comes in only from whom the list names. Members that newer lists add are tested,
not enforced, until you accept them by 'postseal alliance promote'. A list of a lower version than was here before
is refused, also after you left.

Examples:
  postseal alliance add https://lists.example.org/post.json --key BASE64
  postseal alliance add post.signed.json --key BASE64 --observe)";

inline constexpr const char* allianceUpdate =
    R"(The server does this by itself ([alliances] update). A list that is older, ended, changed without a new version, or
signed by a key that is not known is refused, and the one that is here stays in force. Status 1: one was refused.

Examples:
  postseal alliance update
  postseal alliance update post)";

inline constexpr const char* allianceList =
    R"(Each list with its members, what they are held to here, and where two lists conflict: then both must hold. Status 1:
one can't be read, or has ended.

Examples:
  postseal alliance list
  postseal alliance list --json)";

inline constexpr const char* alliancePromote =
    R"(Accepts members that came later, enforces those that the list has in testing, and a list that was only observed.
The records of this server must show no transfer to them, for --clean, that the list would have stopped; where they
show none at all, or one, --yes says so beforehand. Status 1: nothing was promoted.

Examples:
  postseal alliance promote post
  postseal alliance promote post new.example --clean 30d)";

inline constexpr const char* allianceLeave =
    R"(Its demands end at once. The version stays remembered, so that no older list is taken later.

Examples:
  postseal alliance leave post)";

inline constexpr const char* allianceExport =
    R"(Writes tls_policy, sender_access and client_certs, each as text for postmap, and the trust anchors beside them.
What they can do and what not stands in their first lines.

Examples:
  postseal alliance export --postfix /etc/postfix/alliance)";

}  // namespace postseal::cli::help
