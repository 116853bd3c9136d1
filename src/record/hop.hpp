// The hop record: one transfer (or attempt) of one message to or from one peer, and how it was protected. The
// ledger keeps it, `trace` prints it, the log line quotes it. The transport record of a message is all its
// hop records.
#pragma once

#include "base/ip_address.hpp"
#include "base/time.hpp"
#include "record/assurance.hpp"
#include "record/failure.hpp"
#include "record/message_id.hpp"
#include "record/requirement.hpp"
#include "record/tls_facts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::record {

enum class Direction { in, out };
enum class HopResult { accepted, delivered, deferred, bounced, refused };
enum class DnssecStatus { notAsked, secure, insecure, bogus };
/// How the host's name was proven to be the domain's: what a certificate for it is worth hangs on that.
enum class MxProof { none, administrator, dnssec, mtaSts, alliance };

std::string_view toText(Direction direction);
std::string_view toText(HopResult result);
std::string_view toText(DnssecStatus status);
std::string_view toText(MxProof proof);
std::optional<Direction> parseDirection(std::string_view text);
std::optional<HopResult> parseHopResult(std::string_view text);
std::optional<DnssecStatus> parseDnssecStatus(std::string_view text);
std::optional<MxProof> parseMxProof(std::string_view text);

struct Peer {
    std::string name;  // MX host or next hop; for clients the verified name or the HELO name; may be empty
    std::optional<base::IpAddress> address;  // none: no connection was reached
    std::uint16_t port = 0;

    bool operator==(const Peer&) const = default;
};

/// What the peer said or what we found for one recipient.
struct RecipientOutcome {
    std::string address;
    HopResult result = HopResult::accepted;
    std::string reply;  // the peer's words, escaped; empty: it said none

    bool operator==(const RecipientOutcome&) const = default;
};

/// A claim that was gathered for a host, and what became of it.
struct ClaimNote {
    Origin origin = {};
    Level level = Level::may;
    bool won = false;         // it holds on the hop: the requirement names it
    std::string detail = {};  // where it was found, or why it does not hold, for people

    bool operator==(const ClaimNote&) const = default;
};

struct HopRecord {
    base::Timestamp time{};
    Direction direction = Direction::in;
    bool local = false;  // on this machine: Maildir, Unix socket, loopback LMTP or SMTP
    QueueId queueId;     // empty where nothing was queued
    std::string messageId;
    std::string sender;  // envelope sender's text; empty: null reverse-path
    Peer peer;
    std::vector<RecipientOutcome> recipients;
    std::optional<Requirement> requirement;
    std::vector<ClaimNote> claims = {};  // all, also those that do not hold
    std::optional<Assurance> assurance;  // none: no connection stood
    std::optional<TlsFacts> tls;         // none: clear text or no connection
    std::string protocol;                // ESMTPS, ESMTP, LMTP: how we spoke
    std::string user;                    // authenticated user, where one is
    DnssecStatus dnssec = DnssecStatus::notAsked;
    std::optional<MxProof> mxProof = {};  // none: nobody was looked up, or it was not recorded
    Why failure = Why::none;
    HopResult result = HopResult::accepted;
    std::string reply;   // the peer's last words, or ours
    std::string reason;  // why it did not go through, for people; empty where it did

    bool operator==(const HopRecord&) const = default;
};

/// Wanted and got in one word for the log's tls= field: `secure/authenticated`, `may/cleartext`, `secure/-`.
std::string wantedAndGot(const std::optional<Requirement>& wanted, std::optional<Assurance> got);

}  // namespace postseal::record
