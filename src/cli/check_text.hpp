// What `postseal check` prints: one screen for one domain, a line each for many, JSON (docs/json.md's keys)
// and CSV (RFC 4180). Pure: what was found in, text out.
#pragma once

#include "app/checker.hpp"

#include <cstddef>
#include <string>

namespace postseal::cli {

std::string forPeople(const app::Checked& checked);
std::string toJson(const app::Checked& checked);

/// The heading and a domain's line of --all-from.
std::string tableHead();
std::string tableRow(const app::Checked& checked);
std::string csvHead();
std::string csvRow(const app::Checked& checked);

/// `[#########...........]  450/1000`.
std::string progressBar(std::size_t done, std::size_t all);

/// Mail is sealed or encrypted, and that is promised.
bool isFine(const app::Checked& checked);

}  // namespace postseal::cli
