// The words for what policy decided. A file for each language; the same sentences in each, none left out.
// What stands behind a {} is said beside it.
#pragma once

#include "record/language.hpp"

namespace postseal::policy {

struct ExplainWords {
    // Who demands it: record::Origin::Kind.
    record::Sentence byMap;
    record::Sentence byException;
    record::Sentence byAlliance;  // {}: its name
    record::Sentence byRequireTls;
    record::Sentence bySender;
    record::Sentence byTlsrpt;
    record::Sentence byDane;
    record::Sentence byMtaSts;
    record::Sentence byMemory;
    record::Sentence byListener;
    record::Sentence byDefault;
    record::Sentence level;  // {}: the level's name, one of the above
    record::Sentence also;   // the same, of another that must hold too

    // What is demanded: record::LevelClass, and the conditions of an authenticated peer.
    record::Sentence nothing;
    record::Sentence opportunistic;
    record::Sentence encrypted;
    record::Sentence proven;       // {}: conditions, joined by `both`
    record::Sentence certificate;  // {}: names, joined by `either`; {}: one of the next two
    record::Sentence trustedCa;
    record::Sentence listedCa;
    record::Sentence nameBelow;  // {}: a domain
    record::Sentence pin;
    record::Sentence pins;  // {}: how many
    record::Sentence tlsa;
    record::Sentence both;
    record::Sentence either;

    // What was found: policy::Unmet::How. {0}: the host, {1}: its words, or ours for logs (English).
    record::Sentence noStarttls;
    record::Sentence starttlsRefused;
    record::Sentence handshakeFailed;
    record::Sentence notAuthenticated;
    record::Sentence noRequireTls;
    record::Sentence notListed;
    record::Sentence notOfAlliance;
    record::Sentence barred;
    record::Sentence lookupFailed;
    record::Sentence noTlsa;
    record::Sentence dnssecUntested;

    // What the administrators there can do. {}: their domain.
    record::Sentence offerStarttls;
    record::Sentence lookIntoLog;
    record::Sentence fixCertificate;
    record::Sentence offerRequireTls;
    record::Sentence listServer;
    record::Sentence listInAlliance;
    record::Sentence renewAlliance;  // that of the sender's own administrator
    record::Sentence repairDnssec;
    record::Sentence publishTlsa;
    record::Sentence repairResolver;  // that of the sender's own administrator

    // The paragraphs for the sender.
    record::Sentence happened;      // {}: the domain
    record::Sentence whatDemanded;  // {}: what
    record::Sentence whoDemanded;   // {}: level and origin
    record::Sentence whatFound;     // {}: what
    record::Sentence whatYouCanDo;  // {}: what the administrators there can do
};

extern const ExplainWords englishWords;
extern const ExplainWords germanWords;

}  // namespace postseal::policy
