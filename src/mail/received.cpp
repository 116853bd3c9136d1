#include "mail/received.hpp"

#include "base/ascii.hpp"
#include "mail/fold.hpp"

#include <algorithm>

namespace postseal::mail {
namespace {

constexpr std::size_t longestForeign = 256;  // characters of a client's words in a comment

std::string addressLiteral(const base::IpAddress& address) {
    return record::toText(record::MailDomain(address));
}

/// Text from outside as it may stand in a comment: printable ASCII, parentheses and backslashes quoted.
std::string commentText(std::string_view foreign) {
    std::string text;
    for (const char c : foreign.substr(0, longestForeign)) {
        if (c == '(' || c == ')' || c == '\\' || c == '"') text += '\\';
        text += base::isPrintable(c) ? c : '?';
    }
    return text;
}

/// An atom as RFC 8314 §4.3 has it in its clauses: what a library gave us is checked before it becomes
/// grammar.
bool isClauseWord(std::string_view word) {
    return !word.empty() && base::isAlpha(word.front()) &&
           std::ranges::all_of(word, [](char c) { return base::isAlnum(c) || c == '_' || c == '-'; });
}

void addFrom(Folded& field, const Arrival& arrival) {
    if (arrival.isHidden) {
        field.word("from").word("localhost").words("(submitter not shown)");
        return;
    }
    const auto literal = addressLiteral(arrival.client);
    const auto helo = record::parseMailDomain(arrival.helo);
    // RFC 5321 §4.4: a domain or an address literal. A HELO that is neither stands in a comment.
    field.word("from").word(helo ? record::toText(*helo) : literal);
    const auto name = base::DomainName::parse(arrival.clientName);
    field.word("(" + (name ? name->text() : std::string("unknown"))).word(literal + ")");
    if (!helo) field.word("(HELO").words(commentText(arrival.helo)).glue(")");
}

/// `client certificate "CN" verified`, and its other ends.
std::string certificateText(const record::TlsFacts& tls, const Arrival& arrival) {
    if (tls.peer && arrival.isHidden) return "client certificate not shown";
    if (!tls.peer)
        return arrival.askedForCertificate ? "no client certificate" : "no client certificate asked for";
    auto text = "client certificate \"" + commentText(tls.peer->subject) + '"';
    if (tls.peer->chainFault.empty()) return text + " verified";
    return text + " not verified: " + commentText(tls.peer->chainFault);
}

/// RFC 3848's keyword with the clause of RFC 8314 §4.3. Never folded, so that a reader finds it by eye and by
/// grep.
std::string withClause(const Arrival& arrival) {
    std::string clause = "with " + std::string(arrival.protocol);
    if (arrival.tls == nullptr || !isClauseWord(arrival.tls->cipher)) return clause;
    clause += " tls " + arrival.tls->cipher;
    if (isClauseWord(arrival.tls->group)) clause += " group " + arrival.tls->group;
    return clause;
}

void addTlsComment(Folded& field, const record::TlsFacts& tls, const Arrival& arrival) {
    field.newLine().word("(" + commentText(tls.protocol) + ",");
    field.word(std::to_string(tls.cipherBits)).word("bits,");
    if (tls.resumed) field.words("resumed session,");
    field.words(certificateText(tls, arrival)).glue(")");
}

}  // namespace

std::string received(const Arrival& arrival) {
    Folded field("Received:");
    addFrom(field, arrival);
    field.newLine().word("by").word(arrival.host).word(withClause(arrival));
    if (arrival.tls != nullptr) addTlsComment(field, *arrival.tls, arrival);
    field.newLine().word("id").word(arrival.id.text());
    if (arrival.recipient != nullptr) field.word("for").word("<" + arrival.recipient->toText() + ">");
    field.glue(";").word(base::toRfc5322(arrival.time));
    return field.take();
}

}  // namespace postseal::mail
