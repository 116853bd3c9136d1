#include "receive/sender_policy.hpp"

#include "base/ascii.hpp"
#include "mail/authors.hpp"
#include "task/clock.hpp"
#include "tls/certificates.hpp"
#include "tls/dane_verify.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <utility>

namespace postseal::receive {
namespace {

using base::fail;
using policy::InboundVerdict;
using smtp::Reply;
using task::Awaitable;
using Outcome = InboundVerdict::Outcome;

/// Who has to be reached whatever is wrong (RFC 5321 §4.5.1, RFC 2142), and where reports on TLS go (RFC
/// 8460).
bool isOpen(const Visit& visit, const record::Mailbox& recipient) {
    constexpr std::array<std::string_view, 3> always{"postmaster", "abuse", "tlsrpt"};
    const auto& settings = *visit.site->settings;
    if (std::ranges::find(settings.openRecipients, recipient) != settings.openRecipients.end()) return true;
    const auto* domain = recipient.domainName();
    if (domain == nullptr || !visit.site->directory->domains.contains(*domain)) return false;
    return std::ranges::any_of(always, [&](auto word) { return base::sameWord(word, recipient.local()); });
}

Reply replyOf(const Visit& visit, const InboundVerdict& verdict) {
    const auto& page = visit.site->settings->policyPage;
    return {verdict.reply.code, verdict.reply.enhanced,
            page.empty() ? verdict.reply.words : verdict.reply.words + "; see " + page};
}

std::string domainOf(const record::ReversePath& sender) {
    const auto* name = sender ? sender->domainName() : nullptr;
    return name == nullptr ? std::string() : name->text();
}

/// For `report refused` and for those who were written to.
void count(const Visit& visit, const InboundVerdict& verdict, ledger::RefusedMode mode,
           const record::Mailbox& recipient) {
    if (verdict.rules.empty()) return;
    const auto& sender = visit.machine.envelope().sender;
    const auto& rule = verdict.rules.front().rule;
    visit.services.refusedMails.add({.mode = mode,
                                     .rule = rule.key.text,
                                     .origin = rule.where.empty() ? record::toText(rule.origin) : rule.where,
                                     .senderDomain = domainOf(sender),
                                     .client = toText(visit.client),
                                     .recipient = recipient.toText(),
                                     .sender = record::toText(sender),
                                     .reason = verdict.reply.words,
                                     .time = task::timeNow()});
}

/// Told to nobody but us.
void noteTesting(const Visit& visit, const Reply& reply, const std::string& stage,
                 const std::string& recipient) {
    const auto& machine = visit.machine;
    visit.services.log.info(rejectLine({}, visit.client,
                                       {stage, reply, machine.envelope().sender, recipient,
                                        machine.protocol(), machine.clientName(), Rejected::How::testing}));
}

record::Level levelOf(policy::InboundLevel level) {
    switch (level) {
    case policy::InboundLevel::may:
    case policy::InboundLevel::refuse:
    case policy::InboundLevel::exempt: break;
    case policy::InboundLevel::encrypt: return record::Level::encrypt;
    case policy::InboundLevel::verify: return record::Level::verify;
    case policy::InboundLevel::fingerprint: return record::Level::fingerprint;
    case policy::InboundLevel::dane: return record::Level::dane;
    }
    return record::Level::may;
}

/// In the words of a requirement: a wildcard of a certificate is some name below its parent.
record::Requirement requirementOf(const policy::InboundRule& rule) {
    record::Requirement requirement{.level = levelOf(rule.level), .origin = rule.origin};
    if (rule.floors) requirement.floors = *rule.floors;
    if (rule.level == policy::InboundLevel::fingerprint)
        requirement.allOf.emplace_back(record::FingerprintCondition{rule.pins});
    if (rule.level != policy::InboundLevel::verify) return requirement;
    record::NamesCondition names{rule.match, rule.anchors};
    for (auto& pattern : names.patterns)
        if (pattern.name.starts_with("*."))
            pattern = {record::NamePattern::Kind::below, pattern.name.substr(std::string_view("*.").size())};
    requirement.allOf.emplace_back(std::move(names));
    return requirement;
}

}  // namespace

discover::ClientEvidence evidenceOf(const Visit& visit) {
    discover::ClientEvidence evidence;
    auto& client = evidence.client;
    client.address = visit.client.address;
    client.listener = visit.site->address;
    const auto& tls = visit.machine.tls();
    if (!tls) return evidence;
    client.tls =
        policy::ClientTls{.protocol = record::parseProtocol(tls->protocol).value_or(record::Protocol::tls10),
                          .cipher = tls->cipher,
                          .cipherBits = tls->cipherBits,
                          .wasAsked = visit.wasAskedForCertificate};
    SSL* const session = visit.tls;
    if (!tls->peer || session == nullptr || SSL_get0_peer_certificate(session) == nullptr) return evidence;
    client.tls->certificate = policy::ClientCertificate{tls::namesOf(SSL_get0_peer_certificate(session)),
                                                        tls->peer->sha256, tls->peer->spki};
    client.chainFault = [verifier = visit.services.clients, session](const auto& anchors) {
        return verifier->clientFault(session, anchors, task::timeNow()).words;
    };
    evidence.fitsTlsa = [session](const std::vector<record::Tlsa>& records) {
        auto* const leaf = SSL_get0_peer_certificate(session);
        return tls::fitsDaneEe(leaf, records) ||
               tls::daneTaFault({leaf, SSL_get_peer_cert_chain(session)}, records, task::timeNow()).empty();
    };
    return evidence;
}

void tellOfPolicy(const Visit& visit, record::HopRecord& hop) {
    if (visit.ownRelay)
        hop.claims.push_back(
            {{record::Origin::Kind::listener},
             record::Level::may,
             true,
             "from our own relay " + *visit.ownRelay + ": the first hop was not to this server"});
    bool isFirst = true;
    for (const auto& note : visit.verdict.rules) {
        const auto level = levelOf(note.rule.level);
        auto detail = nameOf(note.rule);
        if (note.rule.mode == policy::InboundMode::testing) detail += " (testing)";
        if (!note.found.empty()) detail += ": " + note.found;
        hop.claims.push_back({note.rule.origin, level, note.won, std::move(detail)});
        const bool demands = note.won && note.rule.mode == policy::InboundMode::enforce;
        if (!demands || level == record::Level::may) continue;
        if (isFirst)
            hop.requirement = requirementOf(note.rule);
        else
            hop.requirement->also.push_back({level, note.rule.origin});
        isFirst = false;
    }
    const auto& identity = visit.verdict.identity;
    if (!identity || !hop.tls) return;
    hop.assurance = record::Assurance::authenticated;
    hop.tls->authenticatedBy = identity->by;
    hop.tls->name = identity->name;
}

Awaitable<Passage> judgeSender(Visit& visit) {
    visit.policy = visit.services.policy;
    visit.verdict = {};
    visit.hasOnlyOpenRecipients = true;
    auto evidence = evidenceOf(visit);
    visit.ownRelay = policy::ownRelay(visit.policy->ownRelays, evidence.client);
    if (visit.ownRelay) co_return Passage();
    auto verdict = co_await discover::judgeInbound(visit.policy, visit.services.ask, std::move(evidence),
                                                   domainOf(visit.machine.envelope().sender));
    visit.verdict = std::move(verdict);
    co_return Passage();
}

Awaitable<Addressees> tellSender(Visit& visit, const record::Recipient& recipient) {
    if (isOpen(visit, recipient.mailbox)) co_return Addressees();
    switch (visit.verdict.outcome) {
    case Outcome::accepted: break;
    case Outcome::testing:
        noteTesting(visit, replyOf(visit, visit.verdict), "RCPT", recipient.mailbox.toText());
        count(visit, visit.verdict, ledger::RefusedMode::testing, recipient.mailbox);
        break;
    case Outcome::refused:
        count(visit, visit.verdict, ledger::RefusedMode::enforce, recipient.mailbox);
        [[fallthrough]];
    case Outcome::deferred: co_return fail(replyOf(visit, visit.verdict));
    }
    visit.hasOnlyOpenRecipients = false;
    co_return Addressees();
}

Awaitable<Amendment> judgeAuthors(Visit& visit, const ArrivedText& text) {
    const auto mode = visit.site->settings->headerFrom;
    if (mode == HeaderFrom::off || visit.ownRelay || visit.hasOnlyOpenRecipients || visit.policy->isEmpty())
        co_return std::string();
    const auto authors = mail::authorsOf(text.header);
    InboundVerdict verdict;
    if (authors.isUnreadable) {
        verdict.outcome = Outcome::refused;
        verdict.reply = {550, "5.7.1", "Mail is taken only with one From field that can be read"};
    }
    const auto sender = domainOf(visit.machine.envelope().sender);
    for (const auto& author : authors.domains) {
        if (author.text() == sender || verdict.outcome != Outcome::accepted) continue;
        auto found = co_await discover::judgeAuthor(visit.policy, visit.services.ask, evidenceOf(visit),
                                                    author.text());
        if (found.outcome != Outcome::accepted) verdict = std::move(found);
    }
    if (verdict.outcome == Outcome::accepted) co_return std::string();
    auto reply = replyOf(visit, verdict);
    const bool isEnforced = mode == HeaderFrom::enforce && verdict.outcome != Outcome::testing;
    if (verdict.outcome != Outcome::deferred)
        for (const auto& recipient : visit.machine.envelope().recipients)
            count(visit, verdict, isEnforced ? ledger::RefusedMode::enforce : ledger::RefusedMode::testing,
                  recipient.mailbox);
    if (isEnforced) {
        if (reply.code == 530) reply.code = 550;  // there is no STARTTLS after the text
        co_return fail(std::move(reply));
    }
    noteTesting(visit, reply, "END-OF-MESSAGE", {});
    co_return std::string();
}

}  // namespace postseal::receive
