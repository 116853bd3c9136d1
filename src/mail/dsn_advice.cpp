#include "mail/dsn_advice.hpp"

#include <string_view>

namespace postseal::mail {
namespace {

struct Row {
    std::string_view code;  // subject and detail of the status: `1.1`, or the beginning `7.`
    std::string_view happened, matter, todo;
};

constexpr std::string_view resend = "Send the message again later, or reach the recipient another way.";

// The first row whose code the status begins with; the exact ones stand before their class.
constexpr Row rows[] = {
    {"1.1", "The mail server of the recipient's domain does not know this address.",
     "Nothing is out of order: most likely the address is mistyped or no longer in use.",
     "Check the address letter by letter and send the message again."},
    {"1.2", "There is no mail server for the part of the address behind the '@'.",
     "Most likely the domain is mistyped, or its owner has not set up mail.",
     "Check what stands behind the '@' and send the message again."},
    {"1.10", "The recipient's domain declares that it takes no mail.",
     "That is the decision of the domain's owner.", "Reach the recipient another way."},
    {"1.", "The address was not accepted.", "Most likely it is mistyped.",
     "Check the address and send the message again."},
    {"2.2", "The recipient's mailbox is full.", "Only the recipient can make room.",
     "Tell the recipient another way, and send the message again later."},
    {"2.", "The recipient's mailbox does not take mail at present.",
     "That is a matter of the recipient or of the administrator there.", resend},
    {"3.4", "The message is larger than the recipient's mail server takes.", "The limit is set there.",
     "Send less at once, or a link to the file in place of the file."},
    {"3.", "The recipient's mail system could not take the message.",
     "That is a matter of the administrators there.", resend},
    {"4.6", "The message went round in circles between mail servers.",
     "The mail servers' addresses are set up wrongly: a matter of the administrators, not yours.",
     "Show this report to your administrator."},
    {"4.", "The recipient's mail server could not be reached or did not answer as it should.",
     "That is most likely a matter of the administrators there.", resend},
    {"6.", "The recipient's mail server can't take a message of this form.",
     "That is a limit of the mail system there.",
     "Send the message as plain text without unusual attachments."},
    {"7.10",
     "The connection to the recipient's mail server was not protected as it must be, so the message was not "
     "sent. Nobody could read it.",
     "The protection is demanded by policy; what is missing is a matter of the administrators there.",
     "Show this report to your administrator, or reach the recipient another way."},
    {"7.", "The recipient's mail server, or a rule on the way to it, refused the message.",
     "That is a decision of the administrators, for the reason given below.",
     "Read the reason below; show this report to your administrator if it does not help."},
};

// Where nobody refused: we would not hand the message over without the protection that is demanded.
constexpr Row unprotected{
    "",
    "The connection to the recipient's mail server was not protected as it must be, so the message was not "
    "sent. "
    "Nobody could read it.",
    "The protection is demanded by a policy on our side; what is missing is most likely a matter of the "
    "administrators there.",
    "Show this report to your administrator, or reach the recipient another way."};
constexpr Row unknown{"", "The message could not be delivered.", "The reason is given below.",
                      "Read the reason below; show this report to your administrator if it does not help."};

const Row& rowFor(std::string_view status, bool remoteSpoke) {
    if (status.size() < 5 || status[1] != '.') return unknown;
    const auto code = status.substr(2);
    if (code.starts_with("7.") && !remoteSpoke) return unprotected;
    for (const auto& row : rows)
        if (row.code.ends_with('.') ? code.starts_with(row.code) : code == row.code) return row;
    return unknown;
}

}  // namespace

Advice adviceFor(const FailedRecipient& recipient) {
    const auto& row = rowFor(recipient.status, !recipient.reply.empty());
    Advice advice{std::string(row.happened), std::string(row.matter), std::string(row.todo)};
    if (recipient.expired) advice.happened += " We have tried for as long as we keep a message.";
    return advice;
}

}  // namespace postseal::mail
