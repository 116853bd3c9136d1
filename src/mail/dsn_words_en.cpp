#include "mail/dsn_words.hpp"

namespace postseal::mail {
namespace {

constexpr AdviceTable advice{
    .unknownAddress =
        {"The mail server of the recipient's domain does not know this address.",
         "Most likely it is mistyped or no longer in use; nothing is out of order.",
         "Check the address letter by letter and send the message again. If it is right, ask the "
         "recipient another way."},
    .noMailServer = {"There is no mail server for the part of the address behind the '@'.",
                     "Most likely it is mistyped, or the owner of the domain has not set up mail there.",
                     "Check what stands behind the '@' and send the message again."},
    .takesNoMail = {"The recipient's domain declares that it takes no mail.",
                    "That is the decision of the domain's owner.", "Reach the recipient another way."},
    .badAddress = {"The recipient's mail server did not accept this address.", "Most likely it is mistyped.",
                   "Check the address and send the message again."},
    .senderNotAccepted =
        {"The recipient's mail server does not accept your own address as a sender.",
         "Most likely something is wrong with the settings of your mail program or of your domain.",
         "Check the sender's address in your mail program; show this report to your administrator if "
         "it is right."},
    .mailboxFull = {"The recipient's mailbox is full.", "Only the recipient can make room.",
                    "Tell the recipient another way, and send the message again later."},
    .mailboxClosed = {"The recipient's mailbox takes no mail at present.",
                      "That is a matter of the recipient or of the administrators there.",
                      "Ask the recipient another way whether the address is still in use."},
    .tooLarge = {"The message is larger than the recipient's mail server takes.",
                 "The limit is set there; your own mail system works as it should.",
                 "Send less at once, or a link to the file in place of the file."},
    .serverFull = {"The recipient's mail server has no room left.",
                   "That is a matter of the administrators there.",
                   "Send the message again later, or reach the recipient another way."},
    .serverTrouble = {"The recipient's mail server could not take the message.",
                      "That is a matter of the administrators there.",
                      "Send the message again later, or reach the recipient another way."},
    .loop = {"The message went round in circles between mail servers.",
             "The servers' forwarding is set up wrongly: a matter of the administrators, not yours.",
             "Show this report to your administrator."},
    .noAnswerFromDns = {"The way to the recipient's mail server could not be looked up.",
                        "That is most likely a fault in the DNS of the recipient's domain: a matter of the "
                        "administrators there.",
                        "Send the message again later, or reach the recipient another way."},
    .unreachable = {"The recipient's mail server could not be reached, or did not answer as it should.",
                    "That is most likely a matter of the administrators there.",
                    "Send the message again later, or reach the recipient another way."},
    .tooManyRecipients = {"The message has more recipients than the mail server there takes at once.",
                          "The limit is set there.",
                          "Send the message again, to fewer recipients at a time."},
    .misunderstanding = {"The recipient's mail server and ours did not understand each other.",
                         "That is a matter of the administrators on both sides, not yours.",
                         "Show this report to your administrator."},
    .noEightBit = {"The recipient's mail server takes only messages whose letters are all ASCII.",
                   "That is a limit of the mail system there.",
                   "Send the message as plain text without accented letters, or as an attached file."},
    .noUtf8 = {"The recipient's mail server can't handle addresses with letters beyond ASCII.",
               "That is a limit of the mail system there.",
               "Use addresses without accented or other special letters, your own among them, where there "
               "are any."},
    .badContent = {"The recipient's mail server can't take a message of this form.",
                   "That is a limit or a rule of the mail system there.",
                   "Send the message as plain text without unusual attachments."},
    .unprotected = {"The connection to the recipient's mail server was not protected as it must be, so the "
                    "message was not sent. Nobody could read it.",
                    "The protection is demanded by a policy; what is missing is most likely a matter of the "
                    "administrators there.",
                    "Show this report to your administrator, or reach the recipient another way."},
    .tlsDemanded =
        {"The recipient's mail server takes mail over an encrypted connection only, and none with it "
         "came about, so the message was not sent.",
         "The encryption is a matter of the administrators there, or of those here.",
         "Show this report to your administrator, or reach the recipient another way."},
    .senderNotProven =
        {"The recipient's mail server does not believe that the message comes from your domain.",
         "Most likely your domain's records for mail (SPF, DKIM) are missing or wrong: a matter of "
         "your administrator. If you sent it by another way than your own mail server, that may be "
         "the reason.",
         "Show this report to your administrator."},
    .refused = {"The recipient's mail server refused the message.",
                "That is a decision of the administrators there, for the reason given below. Often the "
                "message was taken for unwanted advertising.",
                "Read the reason below. If it does not help, ask the recipient another way to have your "
                "address admitted, or show this report to your administrator."},
    .putOff = {"The recipient's mail server has not accepted the message so far, and asked to try again "
               "later.",
               "That is a matter of the administrators there, for the reason given below.",
               "Send the message again later, or reach the recipient another way."},
    .unknown = {"The message could not be handed over.", "The reason is given below.",
                "Read the reason below; show this report to your administrator if it does not help."},
};

}  // namespace

constinit const DsnWords englishWords{
    .tag = "en",
    .failedSubject = "Undelivered Mail Returned to Sender",
    .delayedSubject = "Delayed Mail (still being retried)",
    .deliveredSubject = "Successful Mail Delivery Report",
    .relayedSubject = "Mail Handed Over (no confirmation of delivery to be had)",
    .failed = {"Your message could not be delivered to this recipient:",
               "Your message could not be delivered to these recipients:"},
    .delayed = {"Your message has not reached this recipient yet:",
                "Your message has not reached these recipients yet:"},
    .succeeded = {"You asked to be told what becomes of your message. For this recipient:",
                  "You asked to be told what becomes of your message. For these recipients:"},
    .more = "There are {} more, told in the part for programs below.",
    .advice = advice,
    .whatToDo = "What to do: {}",
    .expired = "We have tried from {} to {} and have given up.",
    .goesOn = "What to do: nothing. We go on trying until {}, and you will hear from us again only if the "
              "message can't be delivered by then. Please don't send it again: it could arrive twice.",
    .delivered = "It was delivered: it is in the recipient's mailbox. Whether anybody has read it, this does "
                 "not say.",
    .relayed = "It was handed over to the recipient's mail server, which does not confirm deliveries. You "
               "will hear of it again only if something goes wrong there.",
    .reason = "Reason",
    .server = "Mail server",
    .reply = "It said",
    .lastTried = "Last tried",
    .doneAt = "Done",
    .subject = "Subject",
    .arrival = "The message had reached {} on {} and is known there as {}.",
    .wholeAttached = "It is attached as it was.",
    .headerAttached = "Its header is attached, its text is not.",
    .headerOfGuarded = "Only its header is attached: the message was to travel protected, so its text must "
                       "not come back over a way that may not be.",
    .headerOfLarge = "Only its header is attached, since the whole is too large for a report.",
    .date = "{0:04}-{1:02}-{2:02}, {3:02}:{4:02} UTC",
};

}  // namespace postseal::mail
