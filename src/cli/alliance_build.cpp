// `postseal alliance build`: looks at the servers of many domains and proposes a list of those that prove
// themselves.
#include "app/alliance_source.hpp"
#include "app/check_list.hpp"
#include "base/ascii.hpp"
#include "base/registrable_domain.hpp"
#include "base/text_file.hpp"
#include "cli/alliance_text.hpp"
#include "cli/check_text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/postfix_list.hpp"
#include "cli/write_file.hpp"
#include "ledger/transfers.hpp"
#include "task/clock.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <utility>

namespace postseal::cli {
namespace {

constexpr std::size_t mostDomains = policy::Alliance::mostDomains;
using Domains = std::vector<std::string>;

base::Result<Domains, std::string> domainsIn(const std::string& file) {
    std::ifstream there(file);
    auto& lines = file == "-" ? std::cin : there;
    if (!lines) return base::fail(file + " can't be read");
    std::set<std::string> domains;
    for (std::string line; domains.size() < mostDomains && std::getline(lines, line);) {
        const auto text = domains.empty() ? base::withoutByteOrderMark(line) : std::string_view(line);
        const auto word = base::trim(text.substr(0, text.find('#')));
        if (word.empty()) continue;
        const auto domain = base::DomainName::parse(word);
        if (!domain) return base::fail(file + ": '" + base::escaped(word, 80) + "' is no domain");
        domains.insert(domain->text());
    }
    return Domains(domains.begin(), domains.end());
}

/// To whom this server sent mail.
base::Result<Domains, std::string> domainsInLedger(const std::string& config) {
    const auto store = openStore(config);
    if (!store) return base::fail(store.error());
    std::set<std::string> domains;
    const auto take = [&](const record::HopRecord& hop) {
        if (hop.direction != record::Direction::out || !hop.peer.address) return ledger::Search::goOn;
        for (const auto& recipient : hop.recipients) {
            const auto domain =
                base::DomainName::parse(recipient.address.substr(recipient.address.rfind('@') + 1));
            if (domain && !base::isPublicSuffix(domain->text())) domains.insert(domain->text());
        }
        return domains.size() < mostDomains ? ledger::Search::goOn : ledger::Search::end;
    };
    if (const auto read = ledger::lookBack(*store->engine, {}, take); !read)
        return base::fail(base::toText(read.error()));
    return Domains(domains.begin(), domains.end());
}

/// What was found of one domain: its mail hosts, and why it is no member; empty: it is one.
struct Looked {
    std::set<std::string> hosts = {};
    std::string why = {};
};

Looked lookedAt(const check::Checked& checked) {
    Looked looked;
    if (checked.legs.size() != 1 || !checked.legs.front().destination) {
        looked.why = "it has no mail hosts that can be looked up";
        return looked;
    }
    const auto& leg = checked.legs.front();
    const auto& hosts = leg.destination->hosts;
    if (hosts.empty())
        looked.why = leg.destination->failure ? leg.destination->failure->words : "it has no mail hosts";
    // Every host: an attacker chooses the one that proves least.
    for (std::size_t i = 0; i < hosts.size() && looked.why.empty(); ++i) {
        looked.hosts.insert(hosts[i].name);
        if (hosts[i].failure) looked.why = hosts[i].name + ": " + hosts[i].failure->words;
        for (const auto& tried : i < leg.probes.size() ? leg.probes[i] : discover::Probe())
            if (looked.why.empty() && !tried.isMet) looked.why = hosts[i].name + ": " + tried.words;
    }
    return looked;
}

/// On standard error, so that the list can go into a file; at a terminal as a bar, else a line now and then.
class Progress {
public:
    explicit Progress(std::size_t all) : all_(all), isTerminal_(::isatty(STDERR_FILENO) == 1) {}

    void step() {
        ++done_;
        if (isTerminal_)
            std::fprintf(stderr, "\r%s", progressBar(done_, all_).c_str());
        else if (done_ % each == 0 || done_ == all_)
            std::fprintf(stderr, "%zu/%zu\n", done_, all_);
        if (isTerminal_ && done_ == all_) std::fputs("\r\033[K", stderr);
    }

private:
    static constexpr std::size_t each = 100;
    std::size_t all_, done_ = 0;
    bool isTerminal_;
};

/// Domains with the same hosts are one member.
base::Result<std::vector<DraftMember>, std::string> membersAmong(const AllianceBuild& command,
                                                                 const Domains& domains) {
    auto checks = app::CheckList::makeAlone(command.config, command.root);
    if (!checks) return base::fail(checks.error());
    std::map<std::set<std::string>, DraftMember> byHosts;
    std::vector<std::string> others;
    Progress progress(domains.size());
    const auto take = [&](const check::Checked& checked) {
        auto looked = lookedAt(checked);
        progress.step();
        if (!looked.why.empty()) {
            others.push_back(fmt::format("{}: {}", checked.asked, base::escaped(looked.why, 300)));
            return;
        }
        auto& member = byHosts[looked.hosts];
        member.domains.push_back(checked.domain);
        member.mx.assign(looked.hosts.begin(), looked.hosts.end());
        member.isAnchored = !command.root.empty();
    };
    (*checks)->check(domains, {.handshakes = check::Handshakes::yes}, take);
    for (const auto& words : others)
        std::fprintf(stderr, "postseal: no member: %s\n", words.c_str());
    std::vector<DraftMember> members;
    members.reserve(byHosts.size());
    for (auto& [hosts, member] : byHosts)
        members.push_back(std::move(member));
    // The largest operators first.
    std::ranges::sort(members, [](const DraftMember& one, const DraftMember& other) {
        return std::pair(other.domains.size(), one.domains) < std::pair(one.domains.size(), other.domains);
    });
    std::fprintf(stderr, "postseal: %zu of %zu domains prove themselves\n", domains.size() - others.size(),
                 domains.size());
    return members;
}

base::Result<std::vector<DraftMember>, std::string> membersOf(const AllianceBuild& command) {
    using From = AllianceBuild::From;
    if (command.from == From::map) return membersOfPostfix(command.source);
    const auto domains =
        command.from == From::ledger ? domainsInLedger(command.config) : domainsIn(command.source);
    if (!domains) return base::fail(domains.error());
    return membersAmong(command, *domains);
}

}  // namespace

int run(const AllianceBuild& command) {
    const auto now = std::chrono::floor<std::chrono::seconds>(task::timeNow());
    Draft draft{.name = command.name, .issued = now, .expires = now + command.valid};
    if (command.observes) draft.mode = "observe";
    if (!command.root.empty()) {
        auto pem = app::readAllianceSource({}, command.root);
        if (!pem) return failWith(pem.error());
        draft.anchors = certificatesIn(*pem);
    }
    auto members = membersOf(command);
    if (!members) return failWith(members.error());
    draft.members = std::move(*members);
    if (const auto written = writeText(command.output, toJson(draft)); !written)
        return failWith(written.error());
    return draft.members.empty() ? 1 : 0;
}

}  // namespace postseal::cli
