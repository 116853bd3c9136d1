#include "mail/dsn_words.hpp"

namespace postseal::mail {
namespace {

constexpr AdviceTable advice{
    .unknownAddress =
        {"Der Mailserver des Empfängers kennt diese Adresse nicht.",
         "Wahrscheinlich enthält sie einen Tippfehler oder wird nicht mehr benutzt; eine Störung "
         "liegt nicht vor.",
         "Prüfen Sie die Adresse Buchstabe für Buchstabe und senden Sie die Nachricht noch einmal. "
         "Stimmt die Adresse, so fragen Sie den Empfänger auf einem anderen Weg."},
    .noMailServer = {"Für den Teil der Adresse hinter dem „@“ gibt es keinen Mailserver.",
                     "Wahrscheinlich ist er falsch geschrieben, oder der Inhaber der Domain hat dort keinen "
                     "Mailempfang eingerichtet.",
                     "Prüfen Sie, was hinter dem „@“ steht, und senden Sie die Nachricht noch einmal."},
    .takesNoMail = {"Die Domain des Empfängers nimmt ausdrücklich keine E-Mails an.",
                    "So hat es der Inhaber der Domain festgelegt.",
                    "Wenden Sie sich auf einem anderen Weg an den Empfänger."},
    .badAddress = {"Der Mailserver des Empfängers hat diese Adresse nicht angenommen.",
                   "Wahrscheinlich enthält sie einen Tippfehler.",
                   "Prüfen Sie die Adresse und senden Sie die Nachricht noch einmal."},
    .senderNotAccepted =
        {"Der Mailserver des Empfängers nimmt Ihre eigene Adresse als Absender nicht an.",
         "Wahrscheinlich stimmt etwas an den Einstellungen Ihres Mailprogramms oder Ihrer Domain "
         "nicht.",
         "Prüfen Sie die Absenderadresse in Ihrem Mailprogramm. Ist sie richtig, so zeigen Sie diesen "
         "Bericht Ihrem Administrator."},
    .mailboxFull =
        {"Das Postfach des Empfängers ist voll.", "Platz schaffen kann nur der Empfänger selbst.",
         "Geben Sie dem Empfänger auf einem anderen Weg Bescheid und senden Sie die Nachricht später "
         "noch einmal."},
    .mailboxClosed = {"Das Postfach des Empfängers nimmt zurzeit keine E-Mails an.",
                      "Das ist Sache des Empfängers oder der dortigen Administratoren.",
                      "Fragen Sie den Empfänger auf einem anderen Weg, ob die Adresse noch benutzt wird."},
    .tooLarge = {"Die Nachricht ist größer, als der Mailserver des Empfängers es zulässt.",
                 "Die Grenze ist dort festgelegt; Ihr eigenes Mailsystem arbeitet einwandfrei.",
                 "Senden Sie weniger auf einmal oder statt der Datei einen Link darauf."},
    .serverFull =
        {"Auf dem Mailserver des Empfängers ist kein Platz mehr.",
         "Das ist Sache der dortigen Administratoren.",
         "Senden Sie die Nachricht später noch einmal oder wenden Sie sich auf einem anderen Weg an "
         "den Empfänger."},
    .serverTrouble =
        {"Der Mailserver des Empfängers konnte die Nachricht nicht entgegennehmen.",
         "Das ist Sache der dortigen Administratoren.",
         "Senden Sie die Nachricht später noch einmal oder wenden Sie sich auf einem anderen Weg an "
         "den Empfänger."},
    .loop = {"Die Nachricht wurde zwischen Mailservern im Kreis geschickt.",
             "Die Weiterleitungen der Server sind falsch eingerichtet; das ist Sache der Administratoren, "
             "nicht Ihre.",
             "Zeigen Sie diesen Bericht Ihrem Administrator."},
    .noAnswerFromDns =
        {"Der Weg zum Mailserver des Empfängers ließ sich nicht ermitteln.",
         "Wahrscheinlich ist das DNS der Empfängerdomain gestört; das ist Sache der dortigen "
         "Administratoren.",
         "Senden Sie die Nachricht später noch einmal oder wenden Sie sich auf einem anderen Weg an "
         "den Empfänger."},
    .unreachable =
        {"Der Mailserver des Empfängers war nicht zu erreichen oder hat nicht so geantwortet, wie er "
         "sollte.",
         "Das ist wahrscheinlich Sache der dortigen Administratoren.",
         "Senden Sie die Nachricht später noch einmal oder wenden Sie sich auf einem anderen Weg an "
         "den Empfänger."},
    .tooManyRecipients = {"Die Nachricht hat mehr Empfänger, als der Mailserver dort auf einmal annimmt.",
                          "Die Grenze ist dort festgelegt.",
                          "Senden Sie die Nachricht noch einmal, jeweils an weniger Empfänger."},
    .misunderstanding = {"Der Mailserver des Empfängers und unserer haben einander nicht verstanden.",
                         "Das ist Sache der Administratoren beider Seiten, nicht Ihre.",
                         "Zeigen Sie diesen Bericht Ihrem Administrator."},
    .noEightBit =
        {"Der Mailserver des Empfängers nimmt nur Nachrichten ohne Umlaute und andere Sonderzeichen "
         "an.",
         "Das ist eine Einschränkung des dortigen Mailsystems.",
         "Senden Sie die Nachricht als reinen Text ohne Umlaute oder als angehängte Datei."},
    .noUtf8 = {"Der Mailserver des Empfängers kann mit Umlauten und anderen Sonderzeichen in Adressen nicht "
               "umgehen.",
               "Das ist eine Einschränkung des dortigen Mailsystems.",
               "Verwenden Sie, wo es solche gibt, Adressen ohne Sonderzeichen, auch als Absender."},
    .badContent = {"Der Mailserver des Empfängers nimmt eine Nachricht dieser Form nicht an.",
                   "Das ist eine Einschränkung oder eine Regel des dortigen Mailsystems.",
                   "Senden Sie die Nachricht als reinen Text und ohne ungewöhnliche Anhänge."},
    .unprotected =
        {"Die Verbindung zum Mailserver des Empfängers war nicht so geschützt, wie sie es sein muss; "
         "deshalb wurde die Nachricht nicht gesendet. Niemand konnte sie lesen.",
         "Den Schutz verlangt eine Richtlinie; was daran fehlt, ist wahrscheinlich Sache der "
         "dortigen Administratoren.",
         "Zeigen Sie diesen Bericht Ihrem Administrator oder wenden Sie sich auf einem anderen Weg an "
         "den Empfänger."},
    .tlsDemanded =
        {"Der Mailserver des Empfängers nimmt Nachrichten nur über eine verschlüsselte Verbindung an, und "
         "mit ihm kam keine zustande; die Nachricht wurde deshalb nicht gesendet.",
         "Die Verschlüsselung ist Sache der dortigen Administratoren oder der hiesigen.",
         "Zeigen Sie diesen Bericht Ihrem Administrator, oder erreichen Sie den Empfänger auf anderem Weg."},
    .senderNotProven =
        {"Der Mailserver des Empfängers glaubt nicht, dass die Nachricht aus Ihrer Domain kommt.",
         "Wahrscheinlich fehlen die DNS-Einträge Ihrer Domain für E-Mail (SPF, DKIM) oder sie sind "
         "falsch; das ist Sache Ihres Administrators. Haben Sie die Nachricht nicht über Ihren "
         "eigenen Mailserver gesendet, so kann auch das der Grund sein.",
         "Zeigen Sie diesen Bericht Ihrem Administrator."},
    .refused = {"Der Mailserver des Empfängers hat die Nachricht abgelehnt.",
                "Das ist eine Entscheidung der dortigen Administratoren; der Grund steht unten. Oft wurde "
                "die Nachricht für unerwünschte Werbung gehalten.",
                "Lesen Sie unten den Grund. Hilft er nicht weiter, so bitten Sie den Empfänger auf einem "
                "anderen Weg, Ihre Adresse zuzulassen, oder zeigen Sie diesen Bericht Ihrem Administrator."},
    .putOff = {"Der Mailserver des Empfängers hat die Nachricht bisher nicht angenommen und um einen "
               "späteren Versuch gebeten.",
               "Das ist Sache der dortigen Administratoren; der Grund steht unten.",
               "Senden Sie die Nachricht später noch einmal oder wenden Sie sich auf einem anderen Weg an "
               "den Empfänger."},
    .unknown = {"Die Nachricht konnte nicht übergeben werden.", "Der Grund steht unten.",
                "Lesen Sie unten den Grund. Hilft er nicht weiter, so zeigen Sie diesen Bericht Ihrem "
                "Administrator."},
};

}  // namespace

constinit const DsnWords germanWords{
    .tag = "de",
    .failedSubject = "Ihre Nachricht konnte nicht zugestellt werden",
    .delayedSubject = "Ihre Nachricht ist noch unterwegs",
    .deliveredSubject = "Ihre Nachricht wurde zugestellt",
    .relayedSubject = "Ihre Nachricht wurde weitergegeben",
    .failed = {"Ihre Nachricht konnte diesem Empfänger nicht zugestellt werden:",
               "Ihre Nachricht konnte diesen Empfängern nicht zugestellt werden:"},
    .delayed = {"Ihre Nachricht hat diesen Empfänger noch nicht erreicht:",
                "Ihre Nachricht hat diese Empfänger noch nicht erreicht:"},
    .succeeded = {"Sie wollten erfahren, was aus Ihrer Nachricht wird. Für diesen Empfänger:",
                  "Sie wollten erfahren, was aus Ihrer Nachricht wird. Für diese Empfänger:"},
    .more = "Die übrigen ({}) stehen nur im Teil für Programme weiter unten.",
    .advice = advice,
    .whatToDo = "Was Sie tun können: {}",
    .expired = "Wir haben es vom {} bis zum {} vergeblich versucht und nun aufgegeben.",
    .goesOn = "Sie brauchen nichts zu tun: Wir versuchen es weiter bis zum {}, und Sie hören nur dann noch "
              "einmal von uns, wenn es bis dahin nicht gelingt. Bitte senden Sie die Nachricht nicht noch "
              "einmal, sonst kommt sie womöglich doppelt an.",
    .delivered = "Sie wurde zugestellt und liegt im Postfach des Empfängers. Ob sie schon gelesen wurde, "
                 "sagt das nicht.",
    .relayed = "Sie wurde dem Mailserver des Empfängers übergeben; dieser bestätigt Zustellungen nicht. Sie "
               "hören nur dann noch einmal davon, wenn dort etwas schiefgeht.",
    .reason = "Grund",
    .server = "Mailserver",
    .reply = "Seine Antwort",
    .lastTried = "Zuletzt versucht",
    .doneAt = "Erledigt",
    .subject = "Betreff",
    .arrival = "Die Nachricht war am {1} bei {0} eingegangen und trägt dort die Kennung {2}.",
    .wholeAttached = "Sie ist unverändert angehängt.",
    .headerAttached = "Angehängt sind ihre Kopfzeilen, nicht ihr Text.",
    .headerOfGuarded = "Angehängt sind nur ihre Kopfzeilen: Die Nachricht sollte geschützt befördert "
                       "werden, also darf ihr Text nicht auf einem womöglich ungeschützten Weg "
                       "zurückkommen.",
    .headerOfLarge = "Angehängt sind nur ihre Kopfzeilen, denn als Ganzes ist sie für einen Bericht zu "
                     "groß.",
    .date = "{2:02}.{1:02}.{0:04} um {3:02}:{4:02} Uhr UTC",
};

}  // namespace postseal::mail
