// The commands that join lists, renew and leave them. What they change stands in the store, where a running
// server notices it.
#include "app/alliance_source.hpp"
#include "base/base64.hpp"
#include "cli/alliance_text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/own_promise.hpp"
#include "cli/who_runs.hpp"
#include "config/load.hpp"
#include "discover/alliances.hpp"
#include "store/error.hpp"
#include "task/clock.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <utility>

namespace postseal::cli {
namespace {

using discover::AllianceRow;
using discover::KeptAlliance;
using discover::Newness;

std::string_view whenSeen(const OpenStore& store) {
    return store.isServed ? "The server notices within a second."
                          : "No server is running: it holds when one starts.";
}

base::Result<void, std::string> keep(const OpenStore& store, KeptAlliance kept) {
    kept.by = whoRuns();
    const auto done = store::commitNow(*store.engine, discover::putAlliance(kept));
    if (done) return {};
    if (done.error().code == store::Errc::conflict)
        return base::fail("the list of the alliance " + kept.name + " was changed meanwhile; try again");
    return base::fail(base::toText(done.error()));
}

/// At a terminal it asks; elsewhere --yes must have said so.
bool isWanted(bool isConfirmed) {
    if (isConfirmed) return true;
    if (::isatty(STDIN_FILENO) != 1) {
        std::fputs("postseal: nobody is there to ask; look at the list, and say --yes\n", stderr);
        return false;
    }
    std::fputs("Join? [y/N] ", stderr);
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes";
}

discover::AllianceSettings settingsOf(const config::Settings& settings) {
    discover::AllianceSettings ours{.afterEnd = settings.alliances.afterEnd};
    for (const auto& [name, domain] : settings.directory.domains)
        ours.ours.push_back(name.text());
    return ours;
}

/// What it says of our own domains, and whether that is kept.
void takePromises(ListedAlliance& listed, const policy::AllianceSet& set, const config::Settings& settings,
                  base::Timestamp now) {
    for (const auto& member : listed.joined->list.members)
        for (const auto& domain : member.domains)
            if (set.isOurs(domain)) listed.promises.emplace(domain, brokenPromise(settings, member, now));
}

/// From wherever the next command is given.
std::string placeOf(const std::string& source) {
    std::error_code failed;
    const auto file = std::filesystem::absolute(source, failed);
    return source.find("://") != source.npos || failed ? source : file.string();
}

/// The list in the place of the one that is kept; the members of a list that was not there are all accepted.
base::Result<std::optional<KeptAlliance>, std::string> joinedBy(const AllianceAdd& command,
                                                                const std::optional<AllianceRow>& row,
                                                                const discover::OpenedAlliance& opened,
                                                                const std::string& text) {
    const auto now = task::timeNow();
    auto kept = row ? row->kept : KeptAlliance{.name = opened.list.name};
    const auto newness = discover::newnessOf(kept, opened, now);
    if (!newness) return base::fail(newness.error());
    const bool isNew = !row || kept.isLeft();
    if (isNew) {
        kept.added = now;
        kept.accepted = discover::domainsOf(opened.list);
        kept.promoted.clear();
    }
    const auto source = placeOf(command.source);
    const bool isOther = isNew || kept.isObserved != command.isObserved || kept.source != source ||
                         kept.keys.empty() || kept.keys.front() != opened.signedBy;
    if (*newness == Newness::same && !isOther) return std::optional<KeptAlliance>();
    kept.isObserved = command.isObserved;
    kept.source = source;
    return std::optional(discover::renewed(std::move(kept), opened, text));
}

std::string newcomersIn(const KeptAlliance& kept, const policy::Alliance& list) {
    std::size_t count = 0;
    for (const auto& domain : discover::domainsOf(list))
        count += kept.accepted.contains(domain) ? 0U : 1U;
    if (count == 0) return {};
    return fmt::format("{} that came later {} only tested until 'postseal alliance promote {}'.\n", count,
                       count == 1 ? "is" : "are", kept.name);
}

int updateOne(const std::string& config, const OpenStore& store, const AllianceRow& row) {
    const auto& name = row.kept.name;
    const auto now = task::timeNow();
    const auto renewal = discover::renewalOf(row.kept, app::readAllianceSource(config, row.kept.source), now);
    const auto noted =
        store::commitNow(*store.engine, discover::noteAllianceLook(name, {now, renewal.trouble}));
    if (!noted) return failWith(base::toText(noted.error()));
    if (!renewal.trouble.empty())
        return sayNo(fmt::format("{}: {}; the list that is here stays in force", name, renewal.trouble));
    if (!renewal.kept) {
        print(fmt::format("{}: version {} is the newest", name, row.kept.version));
        return 0;
    }
    if (const auto done = keep(store, *renewal.kept); !done) return failWith(done.error());
    print(fmt::format("{}: version {}: {}", name, renewal.kept->version, renewal.news));
    return 0;
}

}  // namespace

int run(const AllianceAdd& command) {
    const auto text = app::readAllianceSource(command.config, command.source);
    if (!text) return failWith(text.error());
    const auto opened = discover::openAlliance(*text, std::vector<base::Bytes>{command.key});
    if (!opened) return sayNo(command.source + ": " + opened.error());
    const auto store = openStoreToWrite(command.config);
    if (!store) return failWith(store.error());
    const auto row = discover::allianceOf(*store->engine, opened->list.name);
    if (!row) return failWith(base::toText(row.error()));
    const auto kept = joinedBy(command, *row, *opened, *text);
    if (!kept) return sayNo(command.source + ": " + kept.error());
    print(forPeople(opened->list));
    if (!*kept) {
        print("This list was joined already.");
        return 0;
    }
    if (!isWanted(command.isConfirmed)) return 2;
    if (const auto done = keep(*store, **kept); !done) return failWith(done.error());
    print(newcomersIn(**kept, opened->list) + fmt::format("{} the alliance {}. {}",
                                                          command.isObserved ? "Observing" : "Joined",
                                                          opened->list.name, whenSeen(*store)));
    return 0;
}

int run(const AllianceUpdate& command) {
    const auto store = openStoreToWrite(command.config);
    if (!store) return failWith(store.error());
    const auto rows = discover::alliances(*store->engine);
    if (!rows) return failWith(base::toText(rows.error()));
    int status = 0;
    bool isKnown = command.name.empty();
    for (const auto& row : *rows) {
        if (row.kept.isLeft() || (!command.name.empty() && row.kept.name != command.name)) continue;
        isKnown = true;
        status = std::max(status, updateOne(command.config, *store, row));
    }
    return isKnown ? status : sayNo("the alliance " + command.name + " was not joined");
}

int run(const AllianceList& command) {
    const auto settings = config::load(command.config, config::Purpose::look);
    if (!settings) return failWith(config::toText(settings.error()));
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    auto rows = discover::alliances(*store->engine);
    if (!rows) return failWith(base::toText(rows.error()));
    std::erase_if(*rows, [](const AllianceRow& row) { return row.kept.isLeft(); });
    const auto now = task::timeNow();
    std::vector<AllianceRow> readable;
    std::vector<ListedAlliance> lists;
    bool isFine = true;
    for (const auto& row : *rows) {
        const auto opened = discover::openAlliance(row.kept.envelope, row.kept.keys);
        if (opened) readable.push_back(row);
        isFine = isFine && opened && now < opened->list.expires;
        lists.push_back({.row = &row, .trouble = opened ? std::string() : opened.error()});
    }
    const auto set = discover::allianceSetOf(readable, settingsOf(*settings));
    if (!set) return failWith(set.error());
    for (auto& one : lists) {
        const auto joined = std::ranges::find(set->joined(), one.row->kept.name,
                                              [](const auto& any) { return any.list.name; });
        if (joined == set->joined().end()) continue;
        one.joined = &*joined;
        takePromises(one, *set, *settings, now);
    }
    print(command.output == Output::json ? toJson(lists, *set) : forPeople(lists, *set, now));
    return isFine ? 0 : 1;
}

int run(const AllianceLeave& command) {
    const auto store = openStoreToWrite(command.config);
    if (!store) return failWith(store.error());
    const auto row = discover::allianceOf(*store->engine, command.name);
    if (!row) return failWith(base::toText(row.error()));
    if (!*row || (*row)->kept.isLeft()) return sayNo("the alliance " + command.name + " was not joined");
    auto kept = (*row)->kept;
    kept.envelope.clear();
    kept.accepted.clear();
    kept.promoted.clear();
    if (const auto done = keep(*store, std::move(kept)); !done) return failWith(done.error());
    print(fmt::format("Left the alliance {}. {}", command.name, whenSeen(*store)));
    return 0;
}

}  // namespace postseal::cli
