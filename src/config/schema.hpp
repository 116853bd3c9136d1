// All keys of postseal.toml in one table: where each stands, what it is when left out, what it means, and how
// its value comes into the settings. The loader, the search for the nearest key and docs/configuration.md are
// made from it.
#pragma once

#include "config/item.hpp"
#include "config/settings.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postseal::config {

/// A file with lines of its own, read.
struct List {
    std::filesystem::path file;
    std::optional<std::string> text;
};

/// One [[domain]] while it is read.
struct DomainDraft {
    std::optional<base::DomainName> name;
    std::optional<directory::Delivery> delivery;
    List recipients;  // no text: any
    List aliases;
    std::string separators;
    bool rewrites = true;
};

/// One [[route]] while it is read.
struct RouteDraft {
    std::string domain;
    std::optional<record::NextHop> via;
    List recipients;  // of those that a backup MX knows; no text: any
    bool isBackup = false;
};

/// The settings while they are being filled, and what can be judged only once a section is whole. The element
/// of a list that is being read begins anew with each.
struct Draft {
    Settings settings;

    std::optional<std::chrono::seconds> timeout;                   // [limits]: caps every wait
    std::uint64_t leastDataRate = 0;                               // [limits]: in both directions
    std::map<base::DomainName, std::filesystem::path> aliasFiles;  // of the domains that are done

    tls::CertificateFiles certificate;
    Listener listener;
    DomainDraft domain;
    RouteDraft route;
};

struct Key {
    std::string_view name;
    std::string_view standard;  // what it is when left out, as TOML; empty: nothing
    std::string_view words;     // for the page
    void (*apply)(Draft&, Item&);
    enum class Need { optional, required } need = Need::optional;
};

struct Section {
    std::string_view path;  // outbound.retry; empty: the top
    enum class Kind { table, list } kind = Kind::table;
    std::string_view words;
    std::span<const Key> keys;
    /// After the keys of each element of a list.
    void (*end)(Draft&, std::size_t line, const std::string& key, Notes&) = nullptr;
};

std::span<const Section> sections();

/// What a key or section would be that stands in the configuration's contract, but is not built; empty: none
/// such.
std::string_view whatIsLater(std::string_view path);

}  // namespace postseal::config
