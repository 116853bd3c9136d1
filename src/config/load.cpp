#include "config/load.hpp"

#include "config/keys.hpp"
#include "config/postfix_names.hpp"
#include "config/schema.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace postseal::config {
namespace {

using base::fail;
using base::Result;

constexpr std::uintmax_t longestFile = 1U << 20U;

std::string joined(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : std::string(path) + '.' + std::string(name);
}

/// The names that may stand in a section: its keys and the sections right below it.
std::vector<std::string_view> knownNames(const Section& section) {
    std::vector<std::string_view> names;
    for (const auto& key : section.keys)
        names.push_back(key.name);
    for (const auto& other : sections()) {
        const auto dot = other.path.rfind('.');
        const auto parent = dot == std::string_view::npos ? std::string_view() : other.path.substr(0, dot);
        if (!other.path.empty() && parent == section.path)
            names.push_back(dot == std::string_view::npos ? other.path : other.path.substr(dot + 1));
    }
    return names;
}

class Loader {
public:
    Loader(const std::filesystem::path& file, Purpose purpose) : notes_{file, purpose} {}

    Result<Settings, Errors> load(const Table& document) {
        for (const auto& section : sections())
            if (section.path.find('.') == std::string_view::npos) loadSection(section, document);
        finish();
        if (!notes_.errors.empty()) {
            std::ranges::sort(notes_.errors, std::less(), [](const ConfigError& e) {
                return std::pair(e.line, std::string_view(e.key));
            });
            return fail(std::move(notes_.errors));
        }
        draft_.settings.files = std::move(notes_.files);
        return std::move(draft_.settings);
    }

private:
    /// A section as a member of the table that it stands in; what is absent has its defaults.
    void loadSection(const Section& section, const Table& parent) {
        if (section.path.empty()) return loadTable(section, parent, 0, "");
        const auto dot = section.path.rfind('.');
        const auto name = dot == std::string_view::npos ? section.path : section.path.substr(dot + 1);
        const auto* const member = parent.find(name);
        if (section.kind == Section::Kind::list) return loadList(section, member);
        if (member == nullptr) return loadTable(section, {}, 0, std::string(section.path));
        const auto* const table = std::get_if<Table>(&member->value.what);
        if (table == nullptr)
            return notes_.add(member->line, std::string(section.path),
                              "is a table of keys, not " + std::string(kindOf(member->value)));
        loadTable(section, *table, member->line, std::string(section.path));
    }

    void loadList(const Section& section, const Member* member) {
        if (member == nullptr) return;
        const auto* const list = std::get_if<std::vector<Value>>(&member->value.what);
        if (list == nullptr)
            return notes_.add(member->line, std::string(section.path),
                              "is a list, not " + std::string(kindOf(member->value)),
                              section.path.find('.') == std::string_view::npos
                                  ? "write [[" + std::string(section.path) + "]] with two brackets"
                                  : "put it in brackets: [{ ... }]");
        for (std::size_t i = 0; i < list->size(); ++i) {
            const auto& value = (*list)[i];
            const auto key = std::string(section.path) + '[' + std::to_string(i + 1) + ']';
            const auto* const table = std::get_if<Table>(&value.what);
            if (table == nullptr) {
                notes_.add(value.line, key, "is a table of keys, not " + std::string(kindOf(value)));
                continue;
            }
            loadTable(section, *table, value.line, key);
            section.end(draft_, value.line, key, notes_);
        }
    }

    void loadTable(const Section& section, const Table& table, std::size_t line, const std::string& path) {
        refuseUnknown(section, table, path);
        for (const auto& key : section.keys)
            loadKey(key, table, line, joined(path, key.name));
        for (const auto& below : sections()) {
            const auto dot = below.path.rfind('.');
            if (dot != std::string_view::npos && below.path.substr(0, dot) == section.path)
                loadSection(below, table);
        }
    }

    void loadKey(const Key& key, const Table& table, std::size_t line, std::string path) {
        if (const auto* const member = table.find(key.name)) {
            draft_.settings.lines.emplace(path, member->line);
            Item item(member->value, std::move(path), notes_);
            return key.apply(draft_, item);
        }
        if (key.need == Key::Need::required) return notes_.add(line, std::move(path), "is missing");
        if (key.standard.empty()) return;
        const auto standard = parseToml("standard = " + std::string(key.standard));
        Item item(standard.value().members.front().value, std::move(path), notes_);
        key.apply(draft_, item);
    }

    void refuseUnknown(const Section& section, const Table& table, const std::string& path) {
        const auto known = knownNames(section);
        for (const auto& member : table.members) {
            if (std::ranges::find(known, member.name) != known.end()) continue;
            const auto key = joined(path, base::escaped(member.name, 80));
            if (const auto what = whatIsLater(joined(section.path, member.name)); !what.empty()) {
                notes_.add(member.line, key, "is not built yet: " + std::string(what), "leave it out");
                continue;
            }
            const auto nearest = base::nearestWord(member.name, known);
            notes_.add(member.line, key, "unknown key", hintFor(member.name, section, nearest));
        }
    }

    /// The nearest key of the section, the section where the very key belongs, or what Postfix means by it.
    static std::string hintFor(std::string_view name, const Section& section, std::string_view nearest) {
        if (const auto* const postfix = findPostfixName(name))
            return postfix->words.empty() ? "that is " + std::string(postfix->ours) + " here"
                                          : std::string(postfix->words);
        for (const auto& other : sections())
            if (other.path != section.path &&
                std::ranges::find(other.keys, name, &Key::name) != other.keys.end())
                return "it belongs " + (other.path.empty() ? std::string("before the first section")
                                                           : "to [" + std::string(other.path) + "]");
        return nearest.empty() ? "" : "did you mean \"" + std::string(nearest) + "\"?";
    }

    /// What can be judged only when all is there.
    void finish() {
        auto& s = draft_.settings;
        s.receive.hostname = s.deliver.hostname = s.hostname.text();
        if (!s.lines.contains("statement.id")) s.receive.statementId = s.hostname;
        for (const auto& listener : s.listeners)
            if (listener.tls != smtp::ListenerTls::none && s.tls.certificates.empty())
                return notes_.add(0, "tls.certificates",
                                  "is missing, but the listener " + net::toText(listener.address) +
                                      " offers TLS",
                                  "name a certificate, or set tls = \"none\" for that listener");
        if (s.limits.commands <= s.limits.recipients)
            notes_.add(0, "limits.commands",
                       "must be more than limits.recipients, which is " +
                           std::to_string(s.limits.recipients));
        if (s.deliver.retry.max < s.deliver.retry.first)
            notes_.add(0, "outbound.retry.max", "is less than outbound.retry.first");
        reviewResolver(draft_, notes_);
        s.deadlines.leastDataRate = s.outbound.deadlines.leastDataRate = draft_.leastDataRate;
        if (draft_.timeout) capDeadlines(*draft_.timeout);
        if (notes_.errors.empty()) reviewDirectory(draft_);
    }

    void capDeadlines(std::chrono::seconds most) {
        auto& s = draft_.settings;
        s.deadlines = s.deadlines.cappedAt(most);
        auto& out = s.outbound.deadlines;
        for (auto* const wait : {&out.greeting, &out.command, &out.envelope, &out.handshake, &out.dataInit,
                                 &out.dataBlock, &out.dataEnd})
            *wait = std::min(*wait, most);
    }

    Notes notes_;
    Draft draft_;
};

Errors oneError(const std::filesystem::path& file, std::string message) {
    return {ConfigError{file.string(), 0, "", std::move(message), ""}};
}

}  // namespace

Result<Settings, Errors> parse(std::string_view text, const std::filesystem::path& file, Purpose purpose) {
    const auto document = parseToml(text);
    if (!document)
        return fail(Errors{
            {file.string(), document.error().line, "", document.error().message, document.error().hint}});
    auto settings = Loader(file, purpose).load(*document);
    if (settings) settings->text = text;
    return settings;
}

Result<Settings, Errors> load(const std::filesystem::path& file, Purpose purpose) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) return fail(oneError(file, "is a folder, not a file"));
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return fail(
            oneError(file, "can't be read: " + std::error_code(errno, std::generic_category()).message()));
    if (std::filesystem::file_size(file, error) > longestFile && !error)
        return fail(oneError(file, "is larger than 1 MiB"));
    return parse(std::string(std::istreambuf_iterator<char>(stream), {}), file, purpose);
}

std::string atKey(const Settings& settings, const std::filesystem::path& file, const std::string& key,
                  std::string words) {
    const auto line = settings.lines.find(key);
    const std::size_t number = line == settings.lines.end() ? 0 : line->second;
    return toText(ConfigError{file.string(), number, key, std::move(words), ""});
}

std::string reference() {
    std::string page;
    for (const auto& section : sections()) {
        const std::string path(section.path);
        if (section.kind == Section::Kind::list)
            page += "## " + (path.find('.') == std::string::npos ? "[[" + path + "]]" : path) + "\n\n";
        else
            page += path.empty() ? "## The first lines\n\n" : "## [" + path + "]\n\n";
        page += std::string(section.words) + "\n\n| key | default | meaning |\n|---|---|---|\n";
        for (const auto& key : section.keys) {
            const auto standard = key.need == Key::Need::required ? std::string("required")
                                  : key.standard.empty()          ? std::string("none")
                                                                  : '`' + std::string(key.standard) + '`';
            page +=
                "| `" + std::string(key.name) + "` | " + standard + " | " + std::string(key.words) + " |\n";
        }
        page += '\n';
    }
    page.pop_back();
    return page;
}

}  // namespace postseal::config
