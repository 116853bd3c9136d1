// What `postseal alliance ...` is asked for, a value for each command.
#pragma once

#include "base/hex.hpp"
#include "cli/output.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace postseal::cli {

struct AllianceBuild {
    std::string config = {};
    enum class From { file, ledger, map } from = From::file;
    std::string source = {};  // a file with a domain a line, or a Postfix table; -: standard input
    std::string root = {};    // a file of CAs; empty: the configured ones
    std::string name = {};    // of the alliance
    std::string output = {};  // empty: standard output
    std::chrono::days valid{365};
    bool observes = false;
};
struct AllianceKeygen {
    std::string file;
};
struct AllianceSign {
    std::string file, key, output;
};
struct AllianceVerify {
    std::string file;
    std::vector<base::Bytes> keys;  // none: only the list is read
    Output output;
};
struct AllianceDiff {
    std::string config, before, after;  // `before` empty: the list of that name that we joined
};
struct AllianceAdd {
    std::string config, source;
    base::Bytes key;
    bool isConfirmed = false, isObserved = false;
};
struct AllianceUpdate {
    std::string config, name;  // empty: all
};
struct AllianceList {
    std::string config;
    Output output;
};
struct AlliancePromote {
    std::string config, name;
    std::vector<std::string> domains;  // none: all that are not enforced
    std::chrono::seconds clean = std::chrono::days(14);
    bool isConfirmed = false;
};
struct AllianceLeave {
    std::string config, name;
};
struct AllianceExport {
    std::string config, folder;
};

}  // namespace postseal::cli
