#include "app/alliances.hpp"

#include "app/outbound_settings.hpp"
#include "companion/postfix_policy.hpp"
#include "discover/alliance_demands.hpp"
#include "discover/alliance_news.hpp"
#include "policy/alliance_set.hpp"
#include "task/spawn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <utility>

namespace postseal::app {
namespace {

using discover::AllianceRow;
using discover::AllianceSource;

/// Lists of one name are asked for at other times by other servers, and not all of ours at once.
std::chrono::seconds shareOf(const std::string& name, std::chrono::seconds interval) {
    const auto parts = static_cast<std::size_t>(std::max<std::int64_t>(interval.count() / 8, 1));
    return std::chrono::seconds(static_cast<std::int64_t>(std::hash<std::string>()(name) % parts));
}

bool isDue(const AllianceSource& source, std::chrono::seconds interval, base::Timestamp now) {
    if (!discover::AllianceUrl::parse(source.source)) return false;
    const auto wait = source.look.trouble.empty()
                          ? interval - shareOf(source.name, interval)
                          : std::min<std::chrono::seconds>(interval, Alliances::afterTrouble);
    // A clock that was set back asks again rather than never.
    return source.look.time > now || now - source.look.time >= wait;
}

/// Readable by everybody: a Postfix runs as somebody else. Never seen half written.
bool writeWhole(const std::filesystem::path& file, const std::string& text) {
    auto draft = file;
    draft += ".new";
    {
        std::ofstream out(draft, std::ios::binary | std::ios::trunc);
        out << text;
        out.close();
        if (!out) return false;
    }
    using std::filesystem::perms;
    std::error_code failed;
    std::filesystem::permissions(
        draft, perms::owner_read | perms::owner_write | perms::group_read | perms::others_read, failed);
    if (!failed) std::filesystem::rename(draft, file, failed);
    return !failed;
}

std::string inForce(const policy::AllianceSet& set) {
    std::string lists;
    for (const auto& joined : set.joined())
        lists +=
            fmt::format("{}{} version {}", lists.empty() ? "" : ", ", joined.list.name, joined.list.version);
    return "lists of alliances from now on: " + (lists.empty() ? "none" : lists);
}

}  // namespace

Alliances::Alliances(const Ground& ground, const std::shared_ptr<const Loaded>& loaded,
                     const Outbound& outbound)
    : home_(ground.cores[0]), ask_(discover::askBy(ground.resolver)), writer_(ground.writer),
      readers_(ground.readers), log_(ground.log.as("alliance")), loaded_(loaded), outbound_(outbound) {}

task::Awaitable<void> Alliances::fetch(std::shared_ptr<Mailbag> bag, discover::Ask ask,
                                       std::shared_ptr<const Loaded> loaded, std::string name,
                                       std::string url) {
    auto text = co_await discover::fetchAlliance(std::move(ask), fetchSettings(*loaded), loaded->trust,
                                                 std::move(url));
    const std::scoped_lock lock(bag->mutex);
    bag->fetched.push_back({std::move(name), std::move(text)});
}

/// Before the first client comes: what is not read yet is not "nothing is demanded".
Resident::Done Alliances::open() {
    judge_(discover::demandsOf(outbound_.alliances().snapshot()));
    told_ = outbound_.alliances().snapshot();
    return {};
}

void Alliances::tellDemands() {
    auto snapshot = outbound_.alliances().snapshot();
    if (snapshot == told_) return;
    judge_(discover::demandsOf(snapshot));
    told_ = std::move(snapshot);
    if (told_) log_.info(log::Line().text(inForce(*told_)));
}

Resident::Done Alliances::tick(const Now& now) {
    tellDemands();
    std::vector<Fetched> fetched;
    {
        const std::scoped_lock lock(bag_->mutex);
        fetched.swap(bag_->fetched);
    }
    for (const auto& one : fetched) {
        fetching_.erase(one.name);
        if (auto done = take(one, now.calendar); !done) return done;
    }
    if (auto done = writeAnchors(); !done) return done;
    if (now.steady < next_) return {};
    next_ = now.steady + pause;
    const auto sources = readers_.read<std::vector<AllianceSource>>(discover::allianceSources);
    if (!sources) return base::fail("the lists of alliances can't be read: " + base::toText(sources.error()));
    for (const auto& source : *sources) {
        if (isDue(source, loaded_->settings.alliances.update, now.calendar)) begin(source);
        warnOfEnd(source, now);
    }
    return {};
}

/// For a Postfix that asks by socketmap. A file is named by what is in it, so none is ever changed.
Resident::Done Alliances::writeAnchors() {
    const auto& folder = loaded_->settings.alliances.tafiles;
    const auto snapshot = outbound_.alliances().snapshot();
    if (folder.empty() || !snapshot || (snapshot == written_ && folder == writtenTo_)) return {};
    for (const auto& joined : snapshot->joined())
        for (const auto& member : joined.list.members)
            for (const auto& anchors : member.anchors) {
                const auto file = folder / companion::anchorFile(anchors);
                std::error_code ignored;  // what can't be looked at can't be written either, and that is told
                if (!anchors.pem || std::filesystem::exists(file, ignored)) continue;
                if (!writeWhole(file, *anchors.pem))
                    return base::fail("trust anchors for Postfix can't be written to " + file.string());
            }
    written_ = snapshot;
    writtenTo_ = folder;
    return {};
}

void Alliances::begin(const AllianceSource& source) {
    if (!fetching_.insert(source.name).second) return;
    task::spawn(home_, fetch(bag_, ask_, loaded_, source.name, source.source), "alliance");
}

Resident::Done Alliances::take(const Fetched& fetched, base::Timestamp now) {
    const auto row = readers_.read<std::optional<AllianceRow>>(
        [&](store::Engine& engine) { return discover::allianceOf(engine, fetched.name); });
    if (!row) return base::fail("the lists of alliances can't be read: " + base::toText(row.error()));
    if (!*row || (*row)->kept.isLeft()) return {};
    const auto renewal = discover::renewalOf((*row)->kept, fetched.text, now);
    if (!renewal.trouble.empty() && renewal.trouble != (*row)->look.trouble)
        log_.warning(log::Line().text(
            fmt::format("no newer list of the alliance {}: {}; the one that is here stays in force",
                        fetched.name, renewal.trouble)));
    if (renewal.kept) {
        // Somebody's command at the same moment goes before; the list is got again with the next look.
        if (const auto done = writer_.commitBlocking(discover::putAlliance(*renewal.kept)); !done)
            return base::fail("a newer list is not kept: " + base::toText(done.error()));
        log_.info(log::Line().text(
            fmt::format("alliance {}: version {}: {}", fetched.name, renewal.kept->version, renewal.news)));
    }
    auto looked = discover::noteAllianceLook(fetched.name, {now, renewal.trouble});
    if (const auto done = writer_.commitBlocking(std::move(looked)); !done)
        return base::fail("a look for a list is not recorded: " + base::toText(done.error()));
    return {};
}

void Alliances::warnOfEnd(const AllianceSource& source, const Now& now) {
    const auto snapshot = outbound_.alliances().snapshot();
    if (!snapshot) return;
    const auto& settings = loaded_->settings.alliances;
    for (const auto& joined : snapshot->joined()) {
        if (joined.list.name != source.name || now.calendar < joined.list.expires - settings.warn) continue;
        const auto known = warned_.find(source.name);
        if (known != warned_.end() && now.steady - known->second < warnedAgain) continue;
        warned_[source.name] = now.steady;
        log_.warning(log::Line().text(
            discover::endInWords(joined.list, settings.afterEnd, source.source, now.calendar)));
    }
}

}  // namespace postseal::app
