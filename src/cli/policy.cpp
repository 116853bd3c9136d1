#include "app/load.hpp"
#include "base/ascii.hpp"
#include "base/domain_name.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/policy_text.hpp"
#include "cli/who_runs.hpp"
#include "config/load.hpp"
#include "discover/mta_sts_store.hpp"
#include "ledger/transfers.hpp"
#include "policy/mta_sts.hpp"
#include "record/next_hop.hpp"
#include "store/batch.hpp"
#include "store/error.hpp"
#include "task/clock.hpp"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace postseal::cli {
namespace {

std::string_view whenSeen(const OpenStore& store) {
    return store.isServed ? "The server notices within a second, and tries what waits for the domain."
                          : "No server is running: it holds when one starts.";
}

int endException(const PolicyExcept& command, const OpenStore& store, const std::string& domain) {
    const auto done =
        store::commitNow(*store.engine, discover::endException(domain, whoRuns(), task::timeNow()));
    if (!done && done.error().code == store::Errc::conflict)
        return sayNo("no exception holds for " + domain + "; see 'postseal policy exceptions'");
    if (!done) return failWith(base::toText(done.error()));
    if (command.output == Output::people)
        print(fmt::format("The exception for {} has ended. {}", domain, whenSeen(store)));
    return 0;
}

/// Of the MTA-STS policies that we know, by domain.
using MxPatterns = std::map<std::string, std::vector<policy::MxPattern>, std::less<>>;
base::Result<MxPatterns> knownPatterns(store::Engine& engine) {
    const auto rows = discover::loadSts(engine);
    if (!rows) return base::fail(rows.error());
    MxPatterns patterns;
    for (const auto& row : *rows)
        if (auto known = policy::parsePolicy(row.text))
            patterns.emplace(row.domain, std::move(known->patterns));
    return patterns;
}

template <class Rows>
int failedToRead(const Rows& rows) {
    return failWith(base::toText(rows.error()));
}

}  // namespace

int run(const PolicyExcept& command) {
    if (command.what == PolicyExcept::What::end) {
        const auto domain = base::DomainName::parse(command.words.domain);
        if (!domain)
            return failWith("'" + base::escaped(command.words.domain, 80) +
                            "' is no domain: " + domain.error());
        const auto store = openStoreToWrite(command.config);
        return store ? endException(command, *store, domain->text()) : failWith(store.error());
    }
    const auto now = task::timeNow();
    const auto exception = policy::parseException(command.words, whoRuns(), now);
    if (!exception) return failWith(exception.error());
    const auto store = openStoreToWrite(command.config);
    if (!store) return failWith(store.error());
    const auto kept = discover::exceptions(*store->engine);
    if (!kept) return failedToRead(kept);
    if (kept->size() >= discover::mostExceptions)
        return failWith(
            fmt::format("there are {} exceptions already; end some, or write map entries", kept->size()));
    const auto done = store::commitNow(*store->engine, discover::putException(*exception));
    if (!done) return failWith(base::toText(done.error()));
    if (command.output == Output::json) {
        print(toJson({{.exception = *exception}}, now));
    } else {
        print(forPeople(std::vector<discover::KeptException>{{.exception = *exception}}, now));
        print(std::string(whenSeen(*store)));
    }
    return 0;
}

int run(const PolicyExceptions& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto kept = discover::exceptions(*store->engine);
    if (!kept) return failedToRead(kept);
    const auto now = task::timeNow();
    print(command.output == Output::json ? toJson(*kept, now) : forPeople(*kept, now));
    return 0;
}

int run(const PolicyMemoryList& command) {
    const auto settings = config::load(command.config, config::Purpose::look);
    if (!settings) return failWith(config::toText(settings.error()));
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    auto known = discover::memories(*store->engine);
    if (!known) return failedToRead(known);
    std::erase_if(*known, [&](const discover::RememberedDomain& one) {
        const bool isOther = !command.domain.empty() && one.domain != command.domain;
        const bool isNothing = one.memory == policy::Memory();
        return isOther || isNothing || (command.isFallen && !one.memory.fall());
    });
    const auto& memory = settings->outbound.memory;
    if (command.output == Output::json)
        print(toJson(*known, memory));
    else if (!known->empty())
        print(forPeople(*known, memory, task::timeNow()));
    else if (command.domain.empty())
        print(command.isFallen ? "No domain's mail has become less than what is remembered."
                               : "Nothing is remembered yet.");
    if (command.domain.empty() || !known->empty()) return 0;
    return sayNo("nothing is remembered of " + command.domain);
}

int run(const PolicyMemoryChange& command) {
    const auto store = openStoreToWrite(command.config);
    if (!store) return failWith(store.error());
    auto known = discover::memoryOf(*store->engine, command.domain);
    if (!known) return failedToRead(known);
    if (!*known || (*known)->memory == policy::Memory())
        return sayNo("nothing is remembered of " + command.domain);
    auto& memory = (*known)->memory;
    policy::Acceptance who{.by = whoRuns(), .reason = command.reason, .at = task::timeNow()};
    if (command.what == PolicyMemoryChange::What::forget) {
        if (who.reason.empty()) who.reason = "forgotten";
        memory = {.accepted = std::move(who)};
    } else {
        auto accepted = policy::accepted(std::move(memory), std::move(who));
        if (!accepted) return sayNo(command.domain + ": " + accepted.error());
        memory = std::move(*accepted);
    }
    const auto done = store::commitNow(*store->engine, discover::changeMemory(**known));
    if (!done) return failWith(base::toText(done.error()));
    if (command.output == Output::json) {
        const auto settings = config::load(command.config, config::Purpose::look);
        if (!settings) return failWith(config::toText(settings.error()));
        print(toJson({**known}, settings->outbound.memory));
    } else {
        print(fmt::format("{}. {}",
                          command.what == PolicyMemoryChange::What::accept
                              ? "What mail to " + command.domain + " has now is taken for good"
                              : "Nothing is expected of " + command.domain + " any longer",
                          whenSeen(*store)));
    }
    return 0;
}

int run(const PolicySuggest& command) {
    const auto settings = config::load(command.config, config::Purpose::look);
    if (!settings) return failWith(config::toText(settings.error()));
    const auto map = app::readPolicyMap(settings->outbound);
    if (!map) return failWith(map.error());
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto known = discover::memories(*store->engine);
    if (!known) return failedToRead(known);
    const auto patterns = knownPatterns(*store->engine);
    if (!patterns) return failedToRead(patterns);
    std::vector<SuggestedEntry> entries;
    for (const auto& one : *known) {
        const auto nextHop = record::NextHop::parse(one.domain);
        if (!nextHop || (*map)->find(*nextHop) != nullptr) continue;
        const auto sts = patterns->find(one.domain);
        const auto names = sts == patterns->end() ? std::vector<policy::MxPattern>() : sts->second;
        auto found = policy::suggestion(one.domain, one.memory, names, task::timeNow());
        if (found) entries.push_back({one.domain, std::move(*found)});
    }
    if (command.output == Output::json)
        print(toJson(entries));
    else if (!entries.empty())
        print(forPeople(entries));
    else
        print("# No domain without an entry has been authenticated for 30 days.");
    return 0;
}

int run(const PolicyTry& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto since = timeOf(command.since);
    LevelTried tried(command.level);
    const auto take = [&](const record::HopRecord& hop) {
        tried.add(hop);
        return ledger::Search::goOn;
    };
    if (const auto read = ledger::lookBack(*store->engine, {.to = since}, take); !read)
        return failedToRead(read);
    const auto limit = static_cast<std::size_t>(command.limit);
    print(command.output == Output::json ? tried.toJson(since, limit) : tried.forPeople(since, limit));
    return tried.holdsAny() ? 1 : 0;
}

}  // namespace postseal::cli
