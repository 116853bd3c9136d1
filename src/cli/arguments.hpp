// The words on the command line, as one value: what to do and with which configuration. Help, version and
// every mistake end here, as text and an exit status (0 fine, 1 the answer is no, 2 usage or configuration
// error).
#pragma once

#include "app/inbound_check.hpp"
#include "base/time.hpp"
#include "cli/alliance_commands.hpp"
#include "cli/level_tried.hpp"
#include "cli/output.hpp"
#include "ledger/traffic.hpp"
#include "policy/exception.hpp"
#include "queue/filter.hpp"
#include "queue/steer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postseal::cli {

struct Serve {
    std::string config;
    enum class Mode { run, checkOnly } mode = Mode::run;
};
struct Trace {
    std::string config, id;
    Output output = Output::people;
};

/// A moment, or how long ago; neither: as far back as records go. The command makes one time of it.
struct Since {
    std::optional<std::chrono::seconds> ago = {};
    base::Timestamp time{};
};
struct TraceList {
    std::string config;
    Output output = Output::people;
    std::optional<queue::AddressPattern> to = {}, from = {}, domain = {};  // domain: either side's
    Since since = {};
    int limit = 50;
};
struct ReportTraffic {
    std::string config;
    Output output = Output::people;
    Since since = {};
    ledger::TrafficBy by = ledger::TrafficBy::all;
    int limit = 50;
};
struct ReportRefused {
    std::string config;
    Output output = Output::people;
    Since since = {};
    int limit = 50;
};

/// What is meant of the queue. Age is told from now on, so the command makes arrivedBefore of it.
struct Selection {
    queue::Filter filter = {};
    std::optional<std::chrono::seconds> olderThan = {};
    bool isAll = false;  // said by --all: nothing else was given
};
struct QueueList {
    std::string config;
    Output output = Output::people;
    Selection selection = {};
    int limit = 0;      // messages; 0: all
    std::string after;  // a queue id
};
struct QueueShow {
    std::string config, id;
    Output output = Output::people;
};
struct QueueBalance {
    std::string config;
    Output output = Output::people;
};
struct QueueDestinations {
    std::string config;
    Output output = Output::people;
};
struct QueueSteer {
    std::string config;
    Output output = Output::people;
    queue::Steer steer = queue::Steer::retry;
    Selection selection = {};
    bool isDryRun = false;
    bool isConfirmed = false;  // --yes
};
struct Check {
    std::string config;
    enum class Form { people, json, csv } form = Form::people;
    std::string target;   // a domain, an address, or a next hop; empty: allFrom
    std::string allFrom;  // a file with one a line; `-`: standard input
    std::string from;     // the sender; empty: nobody in particular
    bool connects = false;
};

struct CheckInbound {
    std::string config;
    Output output = Output::people;
    std::string domain;
    std::optional<app::SupposedClient> client = {};
};

struct PolicyExcept {
    std::string config;
    Output output = Output::people;
    policy::ExceptionWords words = {};
    enum class What { begin, end } what = What::begin;
};
struct PolicyExceptions {
    std::string config;
    Output output = Output::people;
};
struct PolicyMemoryList {
    std::string config;
    Output output = Output::people;
    std::string domain = {};  // empty: all
    bool isFallen = false;    // only those that have become less
};
struct PolicyMemoryChange {
    std::string config;
    Output output = Output::people;
    enum class What { accept, forget } what = What::accept;
    std::string domain = {}, reason = {};
};
struct PolicySuggest {
    std::string config;
    Output output = Output::people;
};
struct PolicyTry {
    std::string config;
    Output output = Output::people;
    TriedLevel level;
    Since since = {};
    int limit = 50;
};
using Command =
    std::variant<Serve, Trace, TraceList, ReportTraffic, ReportRefused, QueueList, QueueShow, QueueBalance,
                 QueueDestinations, QueueSteer, Check, CheckInbound, PolicyExcept, PolicyExceptions,
                 PolicyMemoryList, PolicyMemoryChange, PolicySuggest, PolicyTry, AllianceBuild,
                 AllianceKeygen, AllianceSign, AllianceVerify, AllianceDiff, AllianceAdd, AllianceUpdate,
                 AllianceList, AlliancePromote, AllianceLeave, AllianceExport>;

/// Nothing is to be done but to print: help (status 0, standard output) or a mistake (2, standard error).
struct Ended {
    int status = 0;
    std::string text;
};

std::variant<Command, Ended> parseArguments(int argc, const char* const* argv);

/// The words of all commands, as a man page must have them: `queue retry`, `--older-than`, ...
std::vector<std::string> documentedWords();

}  // namespace postseal::cli
