// Plays the driver of a ServerSession for its tests and its fuzz target: no sockets, time by hand, and
// verdicts by the local part: `refused` 550, `later` 451, everyone else is welcome; a sender `full` fails the
// store, a sender `nospace` already the text.
#pragma once

#include "base/ascii.hpp"
#include "smtp/server_session.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace postseal::smtp {

class ServerPlayer {
public:
    struct Stored {
        record::Envelope envelope;
        std::string text;

        bool operator==(const Stored&) const = default;
    };

    ServerPlayer(ListenerTls tls, const Limits& limits, const Deadlines& deadlines = {},
                 Dsn dsn = Dsn::offered)
        : session(std::make_shared<const ServerSettings>(
                      ServerSettings{*base::DomainName::parse("mx.example.org"), tls, limits, deadlines}),
                  dsn) {}
    explicit ServerPlayer(std::shared_ptr<const ServerSettings> settings) : session(std::move(settings)) {}
    explicit ServerPlayer(ListenerTls tls = ListenerTls::may) : ServerPlayer(tls, {}) {}

    void start(EarlyInput early = EarlyInput::none) { play(session.start(now, early)); }
    /// What the client sends, if the session reads at all.
    void send(std::string_view bytes) {
        if (!isReading() || bytes.empty()) return;
        session.received(bytes);
        play(session.next(now));
    }
    void passTime(std::chrono::milliseconds time) {
        now += time;
        if (isClosed() || now < session.deadline()) return;
        session.timedOut();
        play(session.next(now));
    }
    void endWith(const Reply& reply) {
        session.endWith(reply);
        play(session.next(now));
    }
    bool isReading() const { return std::holds_alternative<action::Read>(awaited); }
    bool isClosed() const { return std::holds_alternative<action::Close>(awaited); }

    /// The replies since the last call, in short: `250, 550 5.1.1`.
    std::string replies() {
        std::string text;
        for (std::size_t at = 0; at < said.size();) {
            const auto end = said.find("\r\n", at);
            const auto line = said.substr(at, end - at);
            at = end + 2;
            if (line.at(3) == '-') continue;
            const bool enhanced = line.size() > 8 && base::isDigit(line[4]) && line[5] == '.';
            text += (text.empty() ? "" : ", ") + line.substr(0, enhanced ? line.find(' ', 4) : 3);
        }
        said.clear();
        return text;
    }

    ServerSession session;
    base::Tick now{std::chrono::hours(1)};
    ServerAction awaited = action::Close{};
    std::string said;  // replies not looked at yet
    std::size_t writes = 0, handshakes = 0, discards = 0;
    std::string body;
    std::vector<Stored> stored;

private:
    void play(ServerAction next) {
        awaited = std::move(next);
        while (!isReading() && !isClosed()) {
            std::visit([this](auto& performed) { perform(performed); }, awaited);
            awaited = session.next(now);
        }
    }
    void perform(action::Read&) {}
    void perform(action::Close&) {}
    void perform(action::Write& write) {
        ++writes;
        said += write.bytes;
    }
    void perform(action::StartTls&) {
        ++handshakes;
        record::TlsFacts facts;
        facts.protocol = "TLSv1.3";
        facts.cipher = "TLS_AES_256_GCM_SHA384";
        session.tlsStarted(std::move(facts));
    }
    void perform(action::DecideSender& decide) {
        session.decided(decide.soFar.sender ? verdictOn(*decide.soFar.sender) : base::Result<void, Reply>());
    }
    void perform(action::DecideRecipient& decide) { session.decided(verdictOn(decide.recipient.mailbox)); }
    void perform(action::Body& text) {
        const auto& sender = session.envelope().sender;
        if (sender && sender->local() == "nospace") return session.refuseText({452, "4.3.1", "Disk full"});
        body += text.bytes;
    }
    void perform(action::Discard&) {
        ++discards;
        body.clear();
    }
    void perform(action::Store& store) {
        const bool full = store.envelope.sender && store.envelope.sender->local() == "full";
        if (!full) stored.push_back({std::move(store.envelope), body});
        body.clear();
        if (full)
            session.stored(base::fail(Reply{452, "4.3.1", "Disk full"}));
        else
            session.stored(record::QueueId::make(base::fromMicros(1'700'000'000'000'000), 7));
    }
    static base::Result<void, Reply> verdictOn(const record::Mailbox& mailbox) {
        if (mailbox.local() == "refused") return base::fail(Reply{550, "5.7.1", "Not you"});
        if (mailbox.local() == "later") return base::fail(Reply{451, "4.7.1", "Not now"});
        return {};
    }
};

}  // namespace postseal::smtp
