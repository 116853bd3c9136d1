#include "app/digests.hpp"

#include "ledger/write.hpp"
#include "mail/digest.hpp"
#include "queue/spool.hpp"
#include "record/hop.hpp"
#include "store/batch.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace postseal::app {
namespace {

bool isLocal(const directory::Target& target) {
    return !std::holds_alternative<record::NextHop>(target.transport);
}

mail::DigestLine lineOf(const ledger::RefusedTo& refused) {
    using Fate = mail::DigestLine::Fate;
    return {.sender = refused.sender,
            .client = refused.client,
            .count = refused.count,
            .fate = refused.mode == toText(ledger::RefusedMode::testing) ? Fate::taken : Fate::refused};
}

record::HopRecord hopOf(const queue::NewMessage& letter, const std::string& hostname) {
    record::HopRecord hop;
    hop.time = letter.kept.arrived;
    hop.local = true;
    hop.queueId = letter.kept.id;
    hop.messageId = letter.kept.messageId;
    hop.peer.name = hostname;
    for (const auto& recipient : letter.recipients)
        hop.recipients.push_back({recipient.address.toText(), record::HopResult::accepted, {}});
    return hop;
}

}  // namespace

Digests::Digests(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, Delivery& delivery)
    : writer_(ground.writer), readers_(ground.readers), log_(ground.log.as("digest")), delivery_(delivery),
      loaded_(loaded) {}

Resident::Done Digests::tick(const Now& now) {
    const auto yesterday = std::chrono::floor<std::chrono::days>(now.calendar) - std::chrono::days(1);
    if (loaded_->settings.digest.empty() || written_ == yesterday || !delivery_.isOpen()) return {};
    const auto letters = lettersOf(yesterday);
    if (!letters) return base::fail("no digests: " + base::toText(letters.error()));
    std::size_t count = 0;
    for (const auto& [mailbox, about] : *letters) {
        if (count++ == lettersAtOnce) return {};  // the rest with the next tick
        if (const auto done = write(mailbox, about, yesterday, now.calendar); !done)
            return base::fail("no digest for " + mailbox + ": " + base::toText(done.error()));
    }
    written_ = yesterday;
    return {};
}

/// Those that are not written yet.
base::Result<Digests::Letters> Digests::lettersOf(std::chrono::sys_days day) const {
    return readers_.read<Letters>([this, day](store::Engine& engine) -> base::Result<Letters> {
        const auto refused = ledger::refusedOn(engine, day);
        if (!refused) return base::fail(refused.error());
        const auto written = ledger::digestsOf(engine, day);
        if (!written) return base::fail(written.error());
        Letters letters;
        for (const auto& one : *refused) {
            const auto mailbox = mailboxOf(one.recipient, day);
            if (mailbox && !written->contains(*mailbox)) letters[*mailbox].push_back(one);
        }
        for (auto& [mailbox, about] : letters)
            std::ranges::sort(about, [](const auto& a, const auto& b) { return a.count > b.count; });
        return letters;
    });
}

/// The one mailbox of ours that the recipient is, without its subaddress: a stranger chooses those, and would
/// make a letter of each.
std::optional<std::string> Digests::mailboxOf(const std::string& recipient, base::Timestamp now) const {
    const auto mailbox = record::Mailbox::parse(recipient, record::Utf8::allowed);
    const auto* domain = mailbox ? mailbox->domainName() : nullptr;
    if (domain == nullptr || !loaded_->settings.digest.covers(*domain)) return std::nullopt;
    const auto& directory = *loaded_->directory;
    const auto found = directory.domains.find(*domain);
    if (found == directory.domains.end()) return std::nullopt;
    const auto match = found->second.match(*mailbox, *domain);
    if (!match) return std::nullopt;
    const auto own = record::Mailbox::make(match->name, *domain, record::Utf8::allowed);
    if (!own || !std::ranges::all_of(directory.addressees(*own, now), isLocal)) return std::nullopt;
    return own->toText();
}

base::Result<void> Digests::write(const std::string& mailbox, const std::vector<ledger::RefusedTo>& about,
                                  std::chrono::sys_days day, base::Timestamp now) {
    const auto to = record::Mailbox::parse(mailbox, record::Utf8::allowed).value();
    const auto& hostname = loaded_->settings.deliver.hostname;
    mail::Digest digest{.host = hostname,
                        .id = delivery_.ids().next(now),
                        .now = now,
                        .day = day,
                        .languages = loaded_->settings.deliver.languages,
                        .lines = {}};
    std::ranges::transform(about, std::back_inserter(digest.lines), lineOf);

    queue::NewMessage letter;
    letter.kept.id = digest.id;
    letter.kept.messageId = record::makeMessageId(digest.id, hostname);
    letter.kept.arrived = now;
    letter.kept.body = queue::Body::inMemory(mail::writeDigest(digest, to));
    for (auto& target : loaded_->directory->addressees(to, now))
        letter.recipients.push_back({std::move(target.address), record::Route(std::move(target.transport))});
    store::Batch batch;
    ledger::markDigest(batch, day, mailbox);
    auto leases = queue::put(batch, letter);
    ledger::append(batch, hopOf(letter, hostname));
    if (const auto done = writer_.commitBlocking(std::move(batch)); !done) return base::fail(done.error());
    log_.info(log::Line(letter.kept.id.text())
                  .field("to", '<' + mailbox + '>')
                  .text(" told of mail without protection"));
    delivery_.handOver(std::move(leases));
    return {};
}

}  // namespace postseal::app
