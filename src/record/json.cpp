// Reads records from JSON: the one file that includes Boost.JSON's reader.
#include "record/json.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace postseal::record {
namespace {

using base::fail;
using base::Result;
namespace bj = boost::json;

constexpr std::size_t longestInput = std::size_t{16} << 20;  // 1000 recipients with their replies fit
constexpr std::size_t deepest = 8;

/// Ends the reading of one record; caught in parseHop, never seen outside.
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[noreturn]] void refuse(std::string_view key, std::string_view wanted) {
    throw Fault("'" + std::string(key) + "' is not " + std::string(wanted));
}

/// nullptr where the key is absent or null.
const bj::value* find(const bj::object& object, std::string_view key) {
    const auto* const value = object.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::string textOf(const bj::object& object, std::string_view key) {
    const auto* const value = find(object, key);
    if (value == nullptr) return {};
    if (!value->is_string()) refuse(key, "a string");
    return std::string(value->get_string());
}

bool truthOf(const bj::object& object, std::string_view key) {
    const auto* const value = find(object, key);
    if (value == nullptr) return false;
    if (!value->is_bool()) refuse(key, "true or false");
    return value->get_bool();
}

template <class Number>
Number numberOf(const bj::object& object, std::string_view key) {
    const auto* const value = find(object, key);
    if (value == nullptr) return 0;
    bj::error_code error;
    const auto number = value->to_number<Number>(error);
    if (error) refuse(key, "a number in its range");
    return number;
}

const bj::object* objectOf(const bj::object& object, std::string_view key) {
    const auto* const value = find(object, key);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) refuse(key, "an object");
    return &value->get_object();
}

template <class Take>
void eachOf(const bj::object& object, std::string_view key, Take take) {
    const auto* const value = find(object, key);
    if (value == nullptr) return;
    if (!value->is_array()) refuse(key, "an array");
    for (const auto& item : value->get_array())
        take(item);
}

/// A word of a closed set, by its parser; absent: the value that stands in the record by default.
template <class Value, class Parse>
void takeWord(const bj::object& object, std::string_view key, Parse parse, Value& target) {
    if (find(object, key) == nullptr) return;
    auto value = parse(textOf(object, key));
    if (!value) refuse(key, "a word that stands there");
    target = std::move(*value);
}

void takeDigest(const bj::object& object, std::string_view key, base::Sha256& target) {
    const auto bytes = base::parseHex(textOf(object, key));
    if (!bytes || bytes->size() != target.size()) refuse(key, "a SHA-256 digest");
    std::ranges::copy(*bytes, target.begin());
}

PeerCertificate certificateOf(const bj::object& object) {
    PeerCertificate peer;
    takeDigest(object, "certificate_sha256", peer.sha256);
    takeDigest(object, "spki_sha256", peer.spki);
    peer.subject = textOf(object, "subject");
    peer.issuer = textOf(object, "issuer");
    eachOf(object, "dns_names", [&](const bj::value& name) {
        if (!name.is_string()) refuse("dns_names", "an array of strings");
        peer.dnsNames.emplace_back(name.get_string());
    });
    takeWord(object, "not_before", base::parseRfc3339, peer.notBefore);
    takeWord(object, "not_after", base::parseRfc3339, peer.notAfter);
    peer.chainFault = textOf(object, "chain_fault");
    return peer;
}

TlsFacts tlsOf(const bj::object& object) {
    TlsFacts tls;
    tls.protocol = textOf(object, "protocol");
    tls.cipher = textOf(object, "cipher");
    tls.cipherBits = numberOf<int>(object, "cipher_bits");
    tls.group = textOf(object, "group");
    tls.resumed = truthOf(object, "resumed");
    tls.serverName = textOf(object, "server_name");
    if (find(object, "certificate_sha256") != nullptr) tls.peer = certificateOf(object);
    takeWord(object, "authenticated_by", parseProof, tls.authenticatedBy);
    tls.name = textOf(object, "name");
    return tls;
}

Peer peerOf(const bj::object& object) {
    Peer peer;
    peer.name = textOf(object, "name");
    takeWord(object, "address", base::IpAddress::parse, peer.address.emplace());
    if (find(object, "address") == nullptr) peer.address.reset();
    peer.port = numberOf<std::uint16_t>(object, "port");
    return peer;
}

RecipientOutcome outcomeOf(const bj::value& value) {
    if (!value.is_object()) refuse("outcomes", "an array of objects");
    const auto& object = value.get_object();
    RecipientOutcome outcome;
    outcome.address = textOf(object, "address");
    takeWord(object, "result", parseHopResult, outcome.result);
    outcome.reply = textOf(object, "reply");
    return outcome;
}

Requirement requirementOf(const bj::object& object) {
    auto requirement = parseRequirement(textOf(object, "text"));
    if (!requirement) throw Fault("'requirement': " + requirement.error());
    return std::move(*requirement);
}

ClaimNote claimOf(const bj::value& value) {
    if (!value.is_object()) refuse("claims", "an array of objects");
    const auto& object = value.get_object();
    ClaimNote claim;
    takeWord(object, "origin", parseOrigin, claim.origin);
    takeWord(object, "level", parseLevel, claim.level);
    claim.won = truthOf(object, "won");
    claim.detail = textOf(object, "detail");
    return claim;
}

HopRecord hopOf(const bj::object& object) {
    HopRecord hop;
    takeWord(object, "time", base::parseRfc3339, hop.time);
    takeWord(object, "direction", parseDirection, hop.direction);
    hop.local = truthOf(object, "local");
    if (!textOf(object, "queue_id").empty()) takeWord(object, "queue_id", QueueId::parse, hop.queueId);
    hop.messageId = textOf(object, "message_id");
    hop.sender = textOf(object, "sender");
    if (const auto* peer = objectOf(object, "peer")) hop.peer = peerOf(*peer);
    eachOf(object, "outcomes", [&](const bj::value& value) { hop.recipients.push_back(outcomeOf(value)); });
    if (const auto* requirement = objectOf(object, "requirement"))
        hop.requirement = requirementOf(*requirement);
    eachOf(object, "claims", [&](const bj::value& value) { hop.claims.push_back(claimOf(value)); });
    if (const auto assurance = textOf(object, "assurance"); !assurance.empty())
        takeWord(object, "assurance", parseAssurance, hop.assurance.emplace());
    if (const auto* tls = objectOf(object, "tls")) hop.tls = tlsOf(*tls);
    hop.protocol = textOf(object, "protocol");
    hop.user = textOf(object, "user");
    takeWord(object, "dnssec", parseDnssecStatus, hop.dnssec);
    if (find(object, "mx_proof") != nullptr)
        takeWord(object, "mx_proof", parseMxProof, hop.mxProof.emplace());
    takeWord(object, "cause", parseWhy, hop.failure);
    takeWord(object, "result", parseHopResult, hop.result);
    hop.reply = textOf(object, "reply");
    hop.reason = textOf(object, "reason");
    return hop;
}

}  // namespace

Result<HopRecord, std::string> parseHop(std::string_view json) {
    if (json.size() > longestInput) return fail(std::string("a hop record is at most 16 MiB"));
    bj::parse_options options;
    options.max_depth = deepest;
    bj::error_code error;
    bj::monotonic_resource memory;
    const auto value = bj::parse(json, error, &memory, options);
    if (error) return fail("no JSON: " + error.message());
    if (!value.is_object()) return fail(std::string("a hop record is an object"));
    try {
        return hopOf(value.get_object());
    } catch (const Fault& fault) {
        return fail(std::string(fault.what()));
    }
}

}  // namespace postseal::record
