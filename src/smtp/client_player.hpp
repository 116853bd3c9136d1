// For tests and fuzzing: plays a whole client session against a peer that is a list of octet segments, the
// first there at once and each further one when we have written something. A segment's octet 0x1f is time
// that passes until the deadline, where the session waits for a reply.
#pragma once

#include "smtp/client_session.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postseal::smtp {

struct Play {
    record::Level level = record::Level::may;
    std::vector<std::string> peer = {};
    std::vector<record::Envelope> envelopes = {};  // one transaction each
    TlsAttempt attempt = TlsAttempt::first;
    std::optional<TlsVerdict> verdict = TlsVerdict{true, {}};  // none: the handshake fails
    Dialect dialect = Dialect::smtp;
    ClientSettings settings = {.heloName = "client.example"};
    std::vector<std::string> text = {"Hi\r\n", ".dot\r\n"};
};

struct Played {
    std::string said;                                    // what we wrote; <tls> for the handshake
    std::vector<std::vector<RecipientResult>> outcomes;  // of each transaction begun
    std::vector<bool> textWasOut;                        // of each transaction begun
    std::optional<SessionFailure> failure;
    std::string broken;  // what the session did against its contract; empty: nothing

    bool operator==(const Played&) const = default;
};

class ClientPlayer {
public:
    ClientPlayer(const Play& given, std::size_t chunk)
        : given_(given), chunk_(chunk),
          session_(std::make_shared<ClientSettings>(given.settings), record::Requirement{given.level},
                   given.attempt, given.dialect) {}

    Played play() {
        hear();
        auto action = session_.start(now_);
        for (int turns = 0; !std::holds_alternative<client_action::Close>(action);
             action = session_.next(now_)) {
            if (++turns > 1'000'000) {
                played_.broken = "no end";
                return std::move(played_);
            }
            now_ += std::chrono::milliseconds(1);
            std::visit([this](const auto& one) { perform(one); }, action);
        }
        played_.failure = session_.failure();
        if (played_.failure) note();
        return std::move(played_);
    }

private:
    void hear() {
        if (segment_ < given_.peer.size()) available_ += given_.peer[segment_++];
    }

    void perform(const client_action::Read&) {
        if (session_.deadline() <= now_ || session_.deadline() == base::Tick::max())
            played_.broken = "a wait without a sensible deadline";
        if (available_.empty()) return session_.lost("end of file");
        if (available_.front() == timePasses) {
            available_.erase(0, 1);
            now_ = session_.deadline();
            return session_.timedOut();
        }
        const auto bytes = available_.substr(0, std::min(chunk_, available_.find(timePasses)));
        available_.erase(0, bytes.size());
        session_.received(bytes);
    }

    void perform(const client_action::Peek&) {
        const auto bytes = available_.substr(0, available_.find(timePasses));
        available_.erase(0, bytes.size());
        session_.received(bytes);
    }

    void perform(const client_action::Write& write) {
        if (write.bytes.empty()) played_.broken = "an empty write";
        played_.said += write.bytes;
        if (part_ == given_.text.size()) played_.textWasOut.back() = true;
        hear();
    }

    void perform(const client_action::StartTls&) {
        played_.said += "<tls>";
        given_.verdict ? session_.tlsStarted(*given_.verdict) : session_.tlsFailed("no shared cipher");
    }

    void perform(const client_action::NeedBody&) {
        const bool isLast = part_ + 1 == given_.text.size();
        session_.body(given_.text[part_++], isLast ? BodyPart::last : BodyPart::more);
    }

    void perform(const client_action::Ready&) {
        note();
        part_ = 0;
        if (envelope_ == given_.envelopes.size()) return session_.quit();
        played_.textWasOut.push_back(false);
        session_.transact(given_.envelopes[envelope_++]);
    }

    void perform(const client_action::Close&) {}

    /// The transaction under way, if any, is over.
    void note() {
        if (played_.outcomes.size() < envelope_) played_.outcomes.push_back(session_.outcomes());
    }

    static constexpr char timePasses = 0x1f;

    const Play& given_;
    std::size_t chunk_;
    ClientSession session_;
    base::Tick now_{};
    std::string available_;
    std::size_t segment_ = 0, envelope_ = 0, part_ = 0;
    Played played_;
};

}  // namespace postseal::smtp
