#include "receive/receiver_test.hpp"

namespace postseal::receive {

TEST_CASE("rules 53, 54: short of memory, texts go to files; without any, no message is begun") {
    Receiver receiver;
    const std::vector<Turn> message{{"", "220"},
                                    {"EHLO c.example\r\n", "250"},
                                    {"MAIL FROM:<>\r\n", "250"},
                                    {"RCPT TO:<bob@example.org>\r\n", "250"},
                                    {"DATA\r\n", "354"},
                                    {"x\r\n.\r\n", "250 2.0.0"},
                                    {"QUIT\r\n", "221"}};
    const auto bound = receiver.site->settings->arrivalMemory;
    ArrivalMemory::Share others(receiver.memory);
    others.set(bound / 2);
    play(receiver, message);
    REQUIRE(receiver.handedOver.size() == 1);
    CHECK(receiver.handedOver.front().message->body.file() != nullptr);
    CHECK(receiver.memory.used() == bound / 2);

    others.set(bound - 1);
    play(receiver, {{"", "220"},
                    {"EHLO c.example\r\n", "250"},
                    {"MAIL FROM:<>\r\n", "250"},
                    {"RCPT TO:<bob@example.org>\r\n", "250"},
                    {"RCPT TO:<carol@example.org>\r\n", "452 4.3.1"},
                    {"RSET\r\n", "250"},
                    {"MAIL FROM:<>\r\n", "250"},
                    {"QUIT\r\n", "221"}});
    others.set(bound);
    play(receiver, {{"", "220"}, {"EHLO c.example\r\n", "250"}, {"MAIL FROM:<>\r\n", "452 4.3.1"}});
    others.set(0);
    CHECK(receiver.memory.used() == 0);
}

TEST_CASE("rule 39: the submitter is hidden where that is asked for, and strangers are not") {
    for (const bool relays : {true, false}) {
        Receiver receiver;
        auto settings = *receiver.site->settings;
        settings.hideSubmitter = true;
        if (relays) settings.relayNetworks = {base::Network::parse("127.0.0.0/8").value()};
        receiver.site->settings = std::make_shared<Settings>(settings);
        play(receiver, {{"", "220"},
                        {"EHLO laptop.example\r\n", "250"},
                        {"MAIL FROM:<>\r\n", "250"},
                        {"RCPT TO:<bob@example.org>\r\n", "250"},
                        {"DATA\r\n", "354"},
                        {"A: b\r\n\r\n.\r\n", "250 2.0.0"},
                        {"QUIT\r\n", "221"}});
        const auto& prefix = receiver.handedOver.at(0).message->prefix;
        CHECK((prefix.find("127.0.0.1") == std::string::npos) == relays);
        CHECK((prefix.find("laptop") == std::string::npos) == relays);
    }
}

TEST_CASE("RFC 3030: a text in chunks, and one that is taken back") {
    Receiver receiver;
    std::string large;
    while (large.size() < 100'000)
        large += std::string(98, 'x') + "\r\n";
    play(receiver, {{"", "220"},
                    {"EHLO c.example\r\n", "250"},
                    {"MAIL FROM:<>\r\n", "250"},
                    {"RCPT TO:<bob@example.org>\r\n", "250"},
                    {"BDAT 100000\r\n" + large, "250 2.0.0"},
                    {"RSET\r\n", "250"},
                    {"MAIL FROM:<>\r\n", "250"},
                    {"RCPT TO:<bob@example.org>\r\n", "250"},
                    {"BDAT 14\r\nSubject: x\r\n\r\n", "250 2.0.0"},
                    {"BDAT 5 LAST\r\n.\r\nyy", "250 2.0.0 Ok: queued as"},
                    {"QUIT\r\n", "221"}});
    REQUIRE(receiver.handedOver.size() == 1);
    CHECK(*receiver.handedOver.front().message->body.bytes() == "Subject: x\r\n\r\n.\r\nyy\r\n");
}

TEST_CASE("RFC 6531, 3461: SMTPUTF8 is kept where it is needed, and what the sender asks to be told") {
    struct Row {
        std::string why, mail, header;
        bool needed;
    };
    const Row rows[] = {{"not needed", "alice@example.com", "Subject: x", false},
                        {"the header needs it", "alice@example.com", "Subject: \xc3\xa4", true},
                        {"the sender does", "\xc3\xa4@example.com", "Subject: x", true}};
    for (const auto& row : rows) {
        INFO(row.why);
        Receiver receiver;
        Settings settings{.hostname = "mx.example.org", .relayNetworks = {}};
        settings.dsn = DsnFor::all;
        receiver.site->settings = std::make_shared<Settings>(settings);
        play(receiver, {{"", "220"},
                        {"EHLO c.example\r\n", "250"},
                        {"MAIL FROM:<" + row.mail + "> SMTPUTF8 RET=HDRS ENVID=a+2Bb\r\n", "250"},
                        {"RCPT TO:<bob@example.org> NOTIFY=SUCCESS ORCPT=rfc822;b@x\r\n", "250"},
                        {"DATA\r\n", "354"},
                        {row.header + "\r\n\r\n.\r\n", "250 2.0.0"},
                        {"QUIT\r\n", "221"}});
        REQUIRE(receiver.handedOver.size() == 1);
        const auto& lease = receiver.handedOver.front();
        CHECK(lease.message->smtpUtf8 == row.needed);
        CHECK(lease.message->prefix.find("with UTF8SMTP\r\n") != std::string::npos);
        CHECK(lease.message->returned == record::Returned::headers);
        CHECK(lease.message->envelopeId == "a+b");
        CHECK(lease.recipients.front().notify.success);
        CHECK(lease.recipients.front().original == "rfc822;b@x");
    }
}

TEST_CASE("rule 32: REQUIRETLS or TLS-Required: No is kept with the message, never both (RFC 8689 §4.1)") {
    struct Row {
        std::string why, parameter, header;
        record::TlsDemand want;
    };
    const std::string no = "TLS-Required: No\r\n";
    const Row rows[] = {
        {"neither", "", "", record::TlsDemand::none},
        {"the parameter", " REQUIRETLS", "", record::TlsDemand::required},
        {"the field", "", no, record::TlsDemand::optional},
        {"beside the parameter the field is ignored", " REQUIRETLS", no, record::TlsDemand::required},
        {"two fields are malformed", "", no + no, record::TlsDemand::none}};
    for (const auto& row : rows) {
        INFO(row.why);
        Receiver receiver;
        play(receiver, {{"", "220"},
                        {"EHLO c.example\r\n", "250"},
                        {"STARTTLS\r\n", "220"},
                        {"TLS", ""},
                        {"EHLO c.example\r\n", "250"},
                        {"MAIL FROM:<a@example.net>" + row.parameter + "\r\n", "250"},
                        {"RCPT TO:<bob@example.org>\r\n", "250"},
                        {"RCPT TO:<carol@example.org>\r\n", "250"},
                        {"DATA\r\n", "354"},
                        {row.header + "Subject: x\r\n\r\n.\r\n", "250 2.0.0"},
                        {"QUIT\r\n", "221"}});
        REQUIRE(!receiver.handedOver.empty());
        for (const auto& lease : receiver.handedOver)
            CHECK(lease.message->tls == row.want);
    }
}

}  // namespace postseal::receive
