#include "deliver/maildir.hpp"

#include "base/ascii.hpp"
#include "deliver/maildir_file.hpp"
#include "mail/header.hpp"
#include "task/clock.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace postseal::deliver {
namespace {

using record::HopResult;

constexpr std::string_view deliveredTo = "Delivered-To:";

/// As maildir(5) wishes: time, microseconds, process, and in place of a count what is one of its kind.
std::string fileName(const queue::Lease& lease, const queue::LeasedRecipient& recipient,
                     const std::string& host) {
    const auto now = base::toMicros(task::timeNow());
    return fmt::format("{}.M{}P{}Q{}n{}.{}", now / 1'000'000, now % 1'000'000, ::getpid(),
                       lease.message->id.text(), recipient.number, host);
}

/// The fields that tell of this delivery, above all others.
std::string traceFields(const queue::Lease& lease, const queue::LeasedRecipient& recipient) {
    return fmt::format("Return-Path: <{}>\r\n{} {}\r\n", toText(lease.reversePath()), deliveredTo,
                       recipient.address.toText());
}

/// `text` is the message or its beginning. A field that was folded is none of ours.
bool wasHere(std::string_view text, const record::Mailbox& mailbox) {
    auto header = mail::headerOf(text);
    const auto address = mailbox.toText();
    while (!header.empty()) {
        const auto line = header.substr(0, header.find('\n'));
        header.remove_prefix(std::min(line.size() + 1, header.size()));
        if (base::startsWithWord(line, deliveredTo) &&
            base::sameWord(base::trim(line.substr(deliveredTo.size())), address))
            return true;
    }
    return false;
}

record::Status statusOf(const MaildirFault& fault) {
    switch (fault.number) {
    case EDQUOT: return "4.2.2";  // the mailbox is full
    case ENOSPC: return "4.3.1";  // the system is
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case ENOTDIR:
    case ENOENT:
    case ENAMETOOLONG: return "4.3.5";  // someone must change something here
    default: return "4.3.0";
    }
}

struct Verdict {
    HopResult result = HopResult::deferred;
    Reason reason = {};
    MaildirFault::Of of = MaildirFault::Of::mailbox;
};

Verdict hindered(const MaildirFault& fault) {
    return {HopResult::deferred, {statusOf(fault), {}, fault.words, {}}, fault.of};
}

Verdict unreadable(const base::Error& error) {
    return {HopResult::deferred, {"4.3.0", {}, "the queued message can't be read: " + toText(error), {}}};
}

task::Awaitable<Verdict> deliverOne(DeliveryServices& services, const queue::Lease& lease,
                                    const queue::LeasedRecipient& recipient) {
    const auto place = services.directory->maildirOf(recipient.address);
    if (!place) co_return Verdict{HopResult::bounced, {"5.1.1", {}, "there is no such mailbox here", {}}};
    queue::BodyReader body(services.bodies, lease.message->body);
    auto chunk = co_await body.next();
    if (!chunk) co_return unreadable(chunk.error());
    if (wasHere(*chunk, recipient.address))
        co_return Verdict{HopResult::bounced,
                          {"5.4.6", {}, "mail forwarding loop for " + recipient.address.toText(), {}}};

    const auto name = fileName(lease, recipient, services.settings->hostname);
    const auto begin = traceFields(lease, recipient) + lease.message->prefix;
    auto& pool = services.bodies.pool();
    std::optional<MaildirFile> file;
    auto done = co_await pool.run([&]() -> MaildirFile::Result<void> {
        auto made = MaildirFile::create(*place, name);
        if (!made) return base::fail(made.error());
        file.emplace(std::move(*made));
        return file->write(begin);
    });
    while (done && chunk && !chunk->empty()) {
        done = co_await pool.run([&] { return file->write(*chunk); });
        if (done) chunk = co_await body.next();
    }
    if (!chunk) co_return unreadable(chunk.error());
    if (done) done = co_await pool.run([&] { return file->finish(); });
    if (!done) co_return hindered(done.error());
    co_return Verdict{HopResult::delivered, {"2.0.0", {}, "delivered to maildir", {}}};
}

}  // namespace

task::Awaitable<Outcome> deliverToMaildirs(DeliveryServices& services, const queue::Lease& lease) {
    Outcome outcome;
    outcome.delays.begun = task::timeNow();
    outcome.reached = Reached::no;
    record::HopRecord hop;
    hop.direction = record::Direction::out;
    hop.local = true;
    hop.queueId = lease.message->id;
    hop.messageId = lease.message->messageId;
    hop.sender = toText(lease.reversePath());
    hop.peer.name = lease.route.text();
    for (const auto& recipient : lease.recipients) {
        Verdict verdict = co_await deliverOne(services, lease, recipient);
        if (verdict.of == MaildirFault::Of::mailbox) outcome.reached = Reached::yes;
        hop.recipients.push_back({recipient.address.toText(), verdict.result, {}});
        if (verdict.result != HopResult::delivered) hop.reason = verdict.reason.words;
        outcome.recipients.push_back(
            {.recipient = recipient,
             .result = verdict.result,
             .standing = verdict.result == HopResult::deferred ? Standing::putOff : Standing::decided,
             .reason = std::move(verdict.reason),
             .hop = 0,
             .relay = "maildir",
             .means = RecipientEnd::Means::final});
    }
    hop.time = task::timeNow();
    hop.result = std::ranges::max_element(hop.recipients, {}, &record::RecipientOutcome::result)->result;
    outcome.delays.transmission = hop.time - outcome.delays.begun;
    outcome.hops.push_back(std::move(hop));
    co_return outcome;
}

}  // namespace postseal::deliver
