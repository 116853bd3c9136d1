#include "policy/explain_words.hpp"

namespace postseal::policy {

constinit const ExplainWords germanWords{
    .byMap = "von der Richtlinientabelle des Administrators auf Absenderseite",
    .byException = "von einer Ausnahme des Administrators auf Absenderseite",
    .byAlliance = "vom Bündnis {}",
    .byRequireTls = "von der Nachricht selbst (REQUIRETLS)",
    .bySender = "vom Absender der Nachricht",
    .byTlsrpt = "von den Regeln für TLS-Berichte",
    .byDane = "von der Domain des Empfängers (DANE)",
    .byMtaSts = "von der Domain des Empfängers (MTA-STS)",
    .byMemory = "von dem, was frühere Zustellungen an diese Domain boten",
    .byListener = "von den Einstellungen des Eingangs",
    .byDefault = "von den Einstellungen des sendenden Mailservers",
    .level = "Stufe {}, verlangt {}",
    .also = "; außerdem Stufe {}, verlangt {}",

    .nothing = "keine Verschlüsselung",
    .opportunistic = "Verschlüsselung, wo sie angeboten wird",
    .encrypted = "eine verschlüsselte Verbindung (TLS)",
    .proven = "eine verschlüsselte Verbindung (TLS) zu einem Server, der Folgendes vorweist: {}",
    .certificate = "ein gültiges Zertifikat für {}, ausgestellt von {}",
    .trustedCa = "einer Zertifizierungsstelle, der der sendende Server vertraut",
    .listedCa = "einer der Zertifizierungsstellen, die die Richtlinie nennt (tafile)",
    .nameBelow = "einen Namen unterhalb von {}",
    .pin = "das Zertifikat oder den Schlüssel mit dem hinterlegten Fingerabdruck",
    .pins = "ein Zertifikat oder einen Schlüssel mit einem von {} hinterlegten Fingerabdrücken",
    .tlsa = "ein Zertifikat, das zu den TLSA-Einträgen passt",
    .both = " und ",
    .either = " oder ",

    .noStarttls = "{0} bietet keine Verschlüsselung an (kein STARTTLS)",
    .starttlsRefused = "{0} hat die Verschlüsselung (STARTTLS) abgelehnt: {1}",
    .handshakeFailed = "mit {0} kam keine TLS-Verbindung zustande (Meldung: {1})",
    .notAuthenticated = "{0} konnte sich nicht ausweisen (Meldung: {1})",
    .noRequireTls = "{0} bietet nicht an, die Nachricht auch auf dem weiteren Weg verschlüsselt zu halten "
                    "(REQUIRETLS)",
    .notListed = "{0} gehört nicht zu den Servern, die die MTA-STS-Richtlinie der Domain nennt",
    .notOfAlliance = "{0} gehört nicht zu den Servern, die die Liste des Bündnisses für die Domain nennt",
    .barred = "{0} wird nicht angesprochen (Meldung: {1})",
    .lookupFailed = "die TLSA-Einträge (DANE) von {0} waren nicht abzufragen (Meldung: {1})",
    .noTlsa = "{0} hat keine TLSA-Einträge (DANE), die DNSSEC beweist",
    .dnssecUntested = "der Resolver des sendenden Servers prüft DNSSEC zurzeit nicht, sodass sich über {0} "
                      "nichts beweisen lässt",

    .offerStarttls = "Wer den Mailserver von {} betreibt, kann dort STARTTLS einschalten. Ist es sonst "
                     "eingeschaltet, so greift möglicherweise jemand in die Verbindung ein.",
    .lookIntoLog = "Wer den Mailserver von {} betreibt, kann dem Protokoll des Servers entnehmen, woran TLS "
                   "gescheitert ist.",
    .fixCertificate = "Wer den Mailserver von {} betreibt, kann dort ein gültiges Zertifikat mit dem "
                      "richtigen Namen einrichten. Hat sich dort nichts geändert, so gibt sich "
                      "möglicherweise jemand als dieser Server aus.",
    .offerRequireTls = "Die Nachricht wurde mit dem Wunsch gesendet, dass jeder Server auf ihrem Weg "
                       "Verschlüsselung verlangt (REQUIRETLS), und die Mailserver von {} sagen das nicht zu. "
                       "Senden Sie sie ohne diesen Wunsch noch einmal, wenn sie auch so gehen darf, oder "
                       "bitten Sie die Betreiber, REQUIRETLS anzubieten.",
    .listServer = "Wer die Domain {} betreibt, kann alle ihre Mailserver in die MTA-STS-Richtlinie "
                  "aufnehmen. Hat sich dort nichts geändert, so lenkt möglicherweise jemand Post auf einen "
                  "anderen Server.",
    .listInAlliance =
        "Wer die Domain {} betreibt, kann dem Bündnis sagen, welche Mailserver sie hat. Hat sich "
        "dort nichts geändert, so lenkt möglicherweise jemand Post auf einen anderen Server.",
    .renewAlliance = "Bei {} ist unseres Wissens nichts falsch: Ihr eigener Mailadministrator muss die Liste "
                     "des Bündnisses erneuern.",
    .repairDnssec = "Wer die Nameserver von {} und von deren Mailservern betreibt, kann dort sehen, woran "
                    "DNSSEC oder die Abfrage der TLSA-Einträge scheitert.",
    .publishTlsa = "Wer den Mailserver von {} betreibt, kann TLSA-Einträge für ihn in einer Zone mit DNSSEC "
                   "veröffentlichen.",
    .repairResolver = "Bei {} ist unseres Wissens nichts falsch: Ihr eigener Mailadministrator muss den "
                      "Resolver in Ordnung bringen.",

    .happened = "Ihre Nachricht an {} konnte nicht sicher zugestellt werden und wird auch auf keinem anderen "
                "Weg gesendet. Niemand konnte sie lesen.",
    .whatDemanded = "Was verlangt wird: {}.",
    .whoDemanded = "Von wem: {}.",
    .whatFound = "Was vorgefunden wurde: {}.",
    .whatYouCanDo = "Was Sie tun können: {} Teilen Sie dort auf einem anderen Weg als per E-Mail mit, was "
                    "vorgefunden wurde. Ob für diesen Empfänger ein schwächerer Schutz vertretbar ist, kann "
                    "Ihnen Ihr eigener Mailadministrator sagen.",
};

}  // namespace postseal::policy
