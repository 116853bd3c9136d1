// Writes a hop record as JSON. One is written for each transfer, so by hand: Boost.JSON reads them back.
#include "record/json.hpp"
#include "record/json_text.hpp"

namespace postseal::record {
namespace {

void write(JsonText& json, const Requirement& requirement) {
    json.open('{');
    json.member("level", toText(requirement.level)).member("origin", toText(requirement.origin));
    json.key("also").open('[');
    for (const auto& also : requirement.also) {
        json.open('{');
        json.member("level", toText(also.level)).member("origin", toText(also.origin));
        json.close('}');
    }
    json.close(']');
    json.member("text", toText(requirement));
    json.close('}');
}

void write(JsonText& json, const PeerCertificate& peer) {
    json.member("subject", peer.subject).member("issuer", peer.issuer);
    json.key("dns_names").open('[');
    for (const auto& name : peer.dnsNames)
        json.value(name);
    json.close(']');
    json.member("not_before", base::toRfc3339(peer.notBefore))
        .member("not_after", base::toRfc3339(peer.notAfter));
    json.member("chain_fault", peer.chainFault);
}

void write(JsonText& json, const TlsFacts& tls) {
    json.open('{');
    json.member("protocol", tls.protocol).member("cipher", tls.cipher).member("group", tls.group);
    json.member("forward_secrecy", hasForwardSecrecy(tls)).member("post_quantum", isPostQuantum(tls));
    json.key("certificate_sha256").valueOrNull(tls.peer ? base::toHex(tls.peer->sha256) : "");
    json.key("spki_sha256").valueOrNull(tls.peer ? base::toHex(tls.peer->spki) : "");
    json.member("resumed", tls.resumed).member("authenticated_by", toText(tls.authenticatedBy));
    json.key("name").valueOrNull(tls.name);
    json.member("cipher_bits", tls.cipherBits).member("server_name", tls.serverName);
    if (tls.peer) write(json, *tls.peer);
    json.close('}');
}

void write(JsonText& json, const Peer& peer) {
    json.open('{');
    json.member("name", peer.name);
    json.key("address").valueOrNull(peer.address ? peer.address->toText() : "");
    json.member("port", peer.port);
    json.close('}');
}

void writeRecipients(JsonText& json, const std::vector<RecipientOutcome>& recipients) {
    json.key("recipients").open('[');
    for (const auto& recipient : recipients)
        json.value(recipient.address);
    json.close(']');
    json.key("outcomes").open('[');
    for (const auto& recipient : recipients) {
        json.open('{');
        json.member("address", recipient.address).member("result", toText(recipient.result));
        json.member("reply", recipient.reply);
        json.close('}');
    }
    json.close(']');
}

void write(JsonText& json, const std::vector<ClaimNote>& claims) {
    json.open('[');
    for (const auto& claim : claims) {
        json.open('{');
        json.member("origin", toText(claim.origin)).member("level", toText(claim.level));
        json.member("won", claim.won).member("detail", claim.detail);
        json.close('}');
    }
    json.close(']');
}

/// The value's object, or null where there is none.
template <class Value>
void writeOptional(JsonText& json, std::string_view name, const std::optional<Value>& value) {
    json.key(name);
    if (!value) return json.null();
    write(json, *value);
}

}  // namespace

std::string toJson(const Requirement& requirement) {
    JsonText json;
    write(json, requirement);
    return json.take();
}

std::string toJson(const TlsFacts& tls) {
    JsonText json;
    write(json, tls);
    return json.take();
}

std::string toJson(const std::vector<ClaimNote>& claims) {
    JsonText json;
    write(json, claims);
    return json.take();
}

std::string toJson(const HopRecord& hop) {
    JsonText json;
    json.open('{');
    json.member("time", base::toRfc3339(hop.time)).member("direction", toText(hop.direction));
    json.member("local", hop.local).member("queue_id", hop.queueId.text());
    json.member("message_id", hop.messageId).member("sender", hop.sender);
    json.key("peer");
    write(json, hop.peer);
    writeRecipients(json, hop.recipients);
    writeOptional(json, "requirement", hop.requirement);
    json.key("claims");
    write(json, hop.claims);
    json.key("assurance").valueOrNull(hop.assurance ? toText(*hop.assurance) : "");
    writeOptional(json, "tls", hop.tls);
    json.member("protocol", hop.protocol);
    json.key("user").valueOrNull(hop.user);
    json.member("dnssec", toText(hop.dnssec));
    json.key("mx_proof").valueOrNull(hop.mxProof ? toText(*hop.mxProof) : "");
    json.key("failure").valueOrNull(resultType(hop.failure));
    json.key("cause").valueOrNull(hop.failure == Why::none ? "" : toText(hop.failure));
    json.member("result", toText(hop.result));
    json.member("reply", hop.reply).member("reason", hop.reason);
    json.close('}');
    return json.take();
}

}  // namespace postseal::record
