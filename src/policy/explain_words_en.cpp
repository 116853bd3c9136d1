#include "policy/explain_words.hpp"

namespace postseal::policy {

constinit const ExplainWords englishWords{
    .byMap = "the policy map of the sending mail server's administrator",
    .byException = "an exception made by the sending mail server's administrator",
    .byAlliance = "the alliance {}",
    .byRequireTls = "the message itself (REQUIRETLS)",
    .bySender = "the sender of the message",
    .byTlsrpt = "the rules for TLS reports",
    .byDane = "the recipient's domain (DANE)",
    .byMtaSts = "the recipient's domain (MTA-STS)",
    .byMemory = "what earlier deliveries to this domain had",
    .byListener = "the listener's configuration",
    .byDefault = "the sending mail server's configuration",
    .level = "level {}, demanded by {}",
    .also = "; also level {} by {}",

    .nothing = "no encryption",
    .opportunistic = "encryption where it is offered",
    .encrypted = "an encrypted connection (TLS)",
    .proven = "an encrypted connection (TLS) to a server that shows {}",
    .certificate = "a valid certificate for {}, issued by {}",
    .trustedCa = "a CA that the sending server trusts",
    .listedCa = "one of the CAs that the policy lists (tafile)",
    .nameBelow = "a name below {}",
    .pin = "the certificate or key with the listed fingerprint",
    .pins = "a certificate or key with one of {} listed fingerprints",
    .tlsa = "a certificate that fits the TLSA records",
    .both = " and ",
    .either = " or ",

    .noStarttls = "{0} offers no encryption (no STARTTLS)",
    .starttlsRefused = "{0} refused STARTTLS: {1}",
    .handshakeFailed = "no TLS connection to {0} came about: {1}",
    .notAuthenticated = "{0} could not prove who it is: {1}",
    .noRequireTls = "{0} does not offer to keep the message encrypted on its further way (REQUIRETLS)",
    .notListed = "{0} is not among the servers that the domain's MTA-STS policy lists",
    .notOfAlliance = "{0} is not among the servers that the alliance's list names for the domain",
    .barred = "{0} is not asked: {1}",
    .lookupFailed = "the TLSA records (DANE) of {0} could not be looked up: {1}",
    .noTlsa = "{0} has no TLSA records (DANE) that DNSSEC proves",
    .dnssecUntested = "the sending server's resolver fails to validate DNSSEC, so that nothing can be proven "
                      "about {0}",

    .offerStarttls = "Whoever runs the mail server of {} can offer STARTTLS there. If it usually does, "
                     "somebody may be tampering with the connection.",
    .lookIntoLog = "Whoever runs the mail server of {} can tell from its log why TLS failed.",
    .fixCertificate = "Whoever runs the mail server of {} can put a valid certificate with the right name "
                      "there. If nothing changed on their side, somebody may be posing as their server.",
    .offerRequireTls = "The message was sent with the wish that every server on its way demands encryption "
                       "(REQUIRETLS), and the mail servers of {} do not promise that. Send it again without "
                       "this wish if it may travel without, or ask whoever runs them to offer REQUIRETLS.",
    .listServer = "Whoever runs the domain {} can list all of its mail servers in its MTA-STS policy. If "
                  "nothing changed on their side, somebody may be leading mail to another server.",
    .listInAlliance =
        "Whoever runs the domain {} can tell the alliance which mail servers it has. If nothing "
        "changed on their side, somebody may be leading mail to another server.",
    .renewAlliance = "Nothing is wrong at {} as far as we know: your own mail administrator has to get the "
                     "alliance's list anew.",
    .repairDnssec = "Whoever runs the name servers of {} and of its mail servers can see there why DNSSEC or "
                    "the lookup of TLSA records fails.",
    .publishTlsa = "Whoever runs the mail server of {} can publish TLSA records for it in a zone with "
                   "DNSSEC.",
    .repairResolver = "Nothing is wrong at {} as far as we know: your own mail administrator has to repair "
                      "the resolver.",

    .happened = "Your message to {} could not be delivered securely, and it is not sent in any other way. "
                "Nobody could read it.",
    .whatDemanded = "What was demanded: {}.",
    .whoDemanded = "By whom: {}.",
    .whatFound = "What was found: {}.",
    .whatYouCanDo = "What you can do: {} Tell them, by another way than mail, what was found. Your own mail "
                    "administrator can say whether a weaker protection is acceptable for this recipient.",
};

}  // namespace postseal::policy
