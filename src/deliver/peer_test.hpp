// For tests: a mail server of few words on loopback or a Unix socket, SMTP or LMTP as it is greeted, one
// thread a connection, in clear text. What it answers is given by command; what it heard is kept.
#pragma once

#include "record/transport.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace postseal::deliver::test {

struct Heard {
    std::string sender;  // what stood in MAIL FROM:<...>
    std::vector<std::string> recipients;
    std::string text;  // unstuffed, CRLFs as they came
    unsigned connection = 0;
    bool isLmtp = false;
    std::size_t chunks = 0;  // by BDAT
};

class Peer {
public:
    /// `replies`: first words of a command (`RCPT TO:<a@b>`, `DATA`, `.`; with LMTP `. a@b`) to the reply
    /// without CRLF; a list is used up in turn, its last one stays. Not listed: the usual. A reply to `.`
    /// that ends with '!' is the connection's last word, "!" alone leaves without one; before a reply that
    /// begins with '~' it thinks for half a second.
    using Replies = std::map<std::string, std::vector<std::string>>;
    explicit Peer(Replies replies = {})
        : replies_(std::move(replies)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        listenAt(listener_, address);
        socklen_t size = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        abroad_ = socket(AF_INET, SOCK_STREAM, 0);
        inet_pton(AF_INET, "127.0.0.9", &address.sin_addr);
        listenAt(abroad_, address);
    }
    Peer(const record::UnixSocket& at, Replies replies)
        : replies_(std::move(replies)), listener_(socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(at.path, address.sun_path);
        listenAt(listener_, address);
    }
    ~Peer() {
        for (const int listener : {listener_, abroad_})
            shutdown(listener, SHUT_RDWR);
        acceptors_.clear();
        for (const int listener : {listener_, abroad_})
            close(listener);
        {
            const std::scoped_lock lock(mutex_);
            for (const int descriptor : open_)
                shutdown(descriptor, SHUT_RDWR);
        }
        for (auto& thread : sessions_)
            thread.join();
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// Not `localhost`, which would be a filter on this machine: a host as others are.
    std::string nextHop() const { return "[127.0.0.9]:" + std::to_string(port_); }
    std::uint16_t port() const { return port_; }
    std::vector<Heard> heard() {
        const std::scoped_lock lock(mutex_);
        return heard_;
    }
    unsigned connections() {
        const std::scoped_lock lock(mutex_);
        return connections_;
    }
    std::vector<std::string> commands() {
        const std::scoped_lock lock(mutex_);
        return commands_;
    }
    /// Waits until it has heard so many messages, or such a command, for 20 seconds at most.
    bool untilHeard(std::size_t messages) {
        return untilSo([&] { return heard_.size() >= messages; });
    }
    bool untilAsked(std::string_view command) {
        return untilSo([&] { return std::ranges::find(commands_, command) != commands_.end(); });
    }

private:
    template <class Condition>
    bool untilSo(const Condition& condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), condition);
    }

    template <class Address>
    void listenAt(int listener, const Address& address) {
        REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(listen(listener, 64) == 0);
        acceptors_.emplace_back([this, listener] { accept(listener); });
    }

    void accept(int listener) {
        for (int one; (one = ::accept(listener, nullptr, nullptr)) >= 0;) {
            const std::scoped_lock lock(mutex_);
            open_.push_back(one);
            const unsigned number = ++connections_;
            sessions_.emplace_back([this, one, number] { serve(one, number); });
        }
    }

    std::string replyTo(const std::string& command, const std::string& usual) {
        std::string reply = chosenReply(command, usual);
        if (!reply.starts_with('~')) return reply;
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        return reply.substr(1);
    }

    std::string chosenReply(const std::string& command, const std::string& usual) {
        const std::scoped_lock lock(mutex_);
        commands_.push_back(command);
        changed_.notify_all();
        for (auto& [prefix, list] : replies_) {
            if (!command.starts_with(prefix)) continue;
            std::string reply = list.front();
            if (list.size() > 1) list.erase(list.begin());
            return reply;
        }
        return usual;
    }

    /// False: the connection is over.
    static bool line(int descriptor, std::string& buffer, std::string& line) {
        for (;;) {
            if (const auto end = buffer.find("\r\n"); end != std::string::npos) {
                line = buffer.substr(0, end);
                buffer.erase(0, end + 2);
                return true;
            }
            char piece[4096];
            const auto size = recv(descriptor, piece, sizeof piece, 0);
            if (size <= 0) return false;
            buffer.append(piece, static_cast<std::size_t>(size));
        }
    }

    static void say(int descriptor, const std::string& words) {
        const std::string bytes = words + "\r\n";
        send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    /// False: the connection is over.
    bool takeText(int descriptor, std::string& buffer, Heard& now) {
        const std::string reply =
            replyTo("DATA", now.recipients.empty() ? "554 no valid recipients" : "354 go on");
        say(descriptor, reply);
        if (!reply.starts_with("354")) return true;
        std::string text;
        while (line(descriptor, buffer, text) && text != ".")
            now.text += (text.starts_with('.') ? text.substr(1) : text) + "\r\n";
        return judge(descriptor, now);
    }

    /// The verdict on a text, or with LMTP one for each recipient.
    bool judge(int descriptor, const Heard& now) {
        std::vector<std::string> verdicts;
        if (now.isLmtp)
            for (const auto& recipient : now.recipients)
                verdicts.push_back(replyTo(". " + recipient, "250 2.0.0 Ok: taken"));
        else
            verdicts.push_back(replyTo(".", "250 2.0.0 Ok: taken"));
        const auto isTaken = [](const std::string& one) { return one.starts_with("2") || one == "!"; };
        if (std::ranges::any_of(verdicts, isTaken)) {
            const std::scoped_lock lock(mutex_);
            heard_.push_back(now);
            changed_.notify_all();
        }
        for (const auto& one : verdicts) {
            if (one != "!") say(descriptor, one.substr(0, one.find('!')));
            if (one.ends_with('!')) return false;
        }
        return true;
    }

    bool takeChunk(int descriptor, std::string& buffer, const std::string& command, Heard& now) {
        const auto size = std::stoul(command.substr(5));
        char piece[4096];
        while (buffer.size() < size) {
            const auto more = recv(descriptor, piece, sizeof piece, 0);
            if (more <= 0) return false;
            buffer.append(piece, static_cast<std::size_t>(more));
        }
        now.text += buffer.substr(0, size);
        buffer.erase(0, size);
        ++now.chunks;
        if (command.ends_with(" LAST")) return judge(descriptor, now);
        say(descriptor, replyTo(command, "250 2.0.0 Ok"));
        return true;
    }

    void converse(int descriptor, unsigned number) {
        std::string buffer, command;
        Heard now;
        bool isLmtp = false;
        say(descriptor, replyTo("CONNECT", "220 peer.example ESMTP"));
        while (line(descriptor, buffer, command)) {
            if (command.starts_with("EHLO") || command.starts_with("LHLO")) {
                isLmtp = command.starts_with("LHLO");
                say(descriptor,
                    replyTo(command, "250-peer.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0"));
            } else if (command.starts_with("MAIL")) {
                now = {};
                now.sender = command.substr(11, command.find('>') - 11);
                now.connection = number;
                now.isLmtp = isLmtp;
                say(descriptor, replyTo(command, "250 2.1.0 Ok"));
            } else if (command.starts_with("RCPT")) {
                const std::string reply = replyTo(command, "250 2.1.5 Ok");
                if (reply.starts_with("2"))
                    now.recipients.push_back(command.substr(9, command.find('>') - 9));
                say(descriptor, reply);
            } else if (command == "DATA") {
                if (!takeText(descriptor, buffer, now)) return;
            } else if (command.starts_with("BDAT")) {
                if (!takeChunk(descriptor, buffer, command, now)) return;
            } else if (command == "QUIT") {
                say(descriptor, "221 2.0.0 Bye");
                return;
            } else {
                say(descriptor, replyTo(command, "250 2.0.0 Ok"));
            }
        }
    }

    void serve(int descriptor, unsigned number) {
        converse(descriptor, number);
        const std::scoped_lock lock(mutex_);
        std::erase(open_, descriptor);
        close(descriptor);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    Replies replies_;
    std::vector<Heard> heard_;
    std::vector<std::string> commands_;
    std::vector<int> open_;
    unsigned connections_ = 0;
    const int listener_;
    int abroad_ = -1;  // at another address of this machine; -1: none
    std::uint16_t port_ = 0;
    std::vector<std::jthread> acceptors_;
    std::list<std::thread> sessions_;
};

}  // namespace postseal::deliver::test
