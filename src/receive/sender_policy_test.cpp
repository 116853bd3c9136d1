#include "receive/sender_policy.hpp"

#include "receive/receiver_test.hpp"

using namespace postseal;
using namespace postseal::receive;

namespace {

constexpr const char* map = "partner.example encrypt\n"
                            "closed.example refuse\n"
                            "tested.example refuse mode=testing\n";

void set(Receiver& receiver, HeaderFrom headerFrom) {
    auto settings = *receiver.site->settings;
    settings.headerFrom = headerFrom;
    settings.openRecipients = {*record::Mailbox::parse("reports@example.org")};
    settings.policyPage = "https://example.org/mail";
    receiver.site->settings = std::make_shared<Settings>(std::move(settings));
    receiver.services.policy = policyOf(map);
}

std::vector<Turn> message(const std::string& sender, const std::string& from, const std::string& answer) {
    return {{"", "220"},
            {"EHLO client.example\r\n", "250"},
            {"MAIL FROM:<" + sender + ">\r\n", "250"},
            {"RCPT TO:<bob@example.org>\r\n", "250"},
            {"DATA\r\n", "354"},
            {"From: " + from + "\r\n\r\nHello.\r\n.\r\n", answer}};
}

}  // namespace

TEST_CASE("rule 60: a sender is judged at MAIL and told at RCPT, but for those who must be reached") {
    Receiver receiver;
    set(receiver, HeaderFrom::off);
    play(receiver,
         {{"", "220"},
          {"EHLO client.example\r\n", "250"},
          {"MAIL FROM:<alice@partner.example>\r\n", "250"},
          {"RCPT TO:<bob@example.org>\r\n",
           "530 5.7.0 Mail from partner.example is taken over TLS only: must issue a STARTTLS command first "
           "(rule: partner.example encrypt); see https://example.org/mail"},
          {"RCPT TO:<Abuse@example.org>\r\n", "550 5.1.1"},  // open, but nobody there
          {"RCPT TO:<reports@example.org>\r\n", "550 5.1.1"},
          {"RSET\r\n", "250"},
          {"MAIL FROM:<alice@closed.example>\r\n", "250"},
          {"RCPT TO:<bob@example.org>\r\n", "550 5.7.1"},
          {"RSET\r\n", "250"},
          {"MAIL FROM:<alice@tested.example>\r\n", "250"},
          {"RCPT TO:<bob@example.org>\r\n", "250"}});
}

TEST_CASE("rule 59: neither a null sender nor another envelope goes round a rule") {
    for (const auto* sender : {"", "news@elsewhere.example", "alice@tested.example"}) {
        Receiver receiver;
        set(receiver, HeaderFrom::enforce);
        play(receiver, message(sender, "Alice <alice@partner.example>",
                               "550 5.7.0 Mail from partner.example is taken over TLS only"));
        CHECK(receiver.handedOver.empty());
    }
    Receiver receiver;
    set(receiver, HeaderFrom::testing);
    play(receiver, message("", "Alice <alice@partner.example>", "250"));
}

TEST_CASE("rule 59: two From fields are not taken where From is judged") {
    Receiver receiver;
    set(receiver, HeaderFrom::enforce);
    play(receiver, message("", "a@elsewhere.example\r\nFrom: b@elsewhere.example", "550 5.7.1"));
}

TEST_CASE("own relays are not judged, and the record says so") {
    Receiver receiver;
    set(receiver, HeaderFrom::enforce);
    auto policy = *receiver.services.policy;
    REQUIRE(policy.ownRelays.add("127.0.0.0/8"));
    receiver.services.policy = std::make_shared<const discover::InboundPolicy>(std::move(policy));
    play(receiver,
         message("alice@closed.example", "alice@partner.example\r\nMessage-ID: <1@closed.example>", "250"));
    const auto store = receiver.look();
    const auto found = ledger::find(*store, "<1@closed.example>").value();
    REQUIRE(found.size() == 1);
    REQUIRE(found.front().hops.front().claims.size() == 1);
    CHECK(found.front().hops.front().claims.front().detail ==
          "from our own relay 127.0.0.0/8: the first hop was not to this server");
}

TEST_CASE("no map was ever valid: mail waits, but for those who must be reached") {
    Receiver receiver;
    receiver.services.policy = std::make_shared<const discover::InboundPolicy>();
    play(receiver, {{"", "220"},
                    {"EHLO client.example\r\n", "250"},
                    {"MAIL FROM:<alice@elsewhere.example>\r\n", "250"},
                    {"RCPT TO:<bob@example.org>\r\n", "451 4.7.1"}});
}
