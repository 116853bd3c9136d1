// What `postseal check` prints for people and spreadsheets: one screen for one domain, a line each for many,
// CSV (RFC 4180). Pure: what was found in, text out.
#pragma once

#include "check/checked.hpp"

#include <cstddef>
#include <string>

namespace postseal::cli {

std::string forPeople(const check::Checked& checked);

/// The heading and a domain's line of --all-from.
std::string tableHead();
std::string tableRow(const check::Checked& checked);
std::string csvHead();
std::string csvRow(const check::Checked& checked);

/// `[#########...........]  450/1000`.
std::string progressBar(std::size_t done, std::size_t all);

}  // namespace postseal::cli
