// The text form of a requirement (read back in requirement_parse.cpp):
//   text       = level *( " " attribute "=" value )       ; attributes sorted, then also=, origin=, until=
//   attribute  = ciphers exclude groups protocols servername, and of the n-th condition (n from the second on
//                is written behind the attribute's name: match2=) match by tafile proves tlsa reference
//   a tafile is the digest of its text, `spki/` and a digest a CA's key;
//   names are separated by ':', fingerprints by '|'; at the level fingerprint `match` holds fingerprints and
//   `names` names, elsewhere `match` holds names and `pins` fingerprints.
// In free words every sign that could end a word is written %XX, and an empty word as %, so that no value can
// pose as another attribute: different requirements never share a text.
#include "record/requirement.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <functional>

namespace postseal::record {
namespace {

constexpr std::string_view keyAnchor = "spki/";

bool isPlain(char c) {
    return base::isAlnum(c) || c == '.' || c == '-' || c == '_' || c == '*' || c == '+' || c == '/' ||
           c == '@';
}

void appendEscaped(std::string& text, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    text += '%';
    text += digits[byte >> 4];
    text += digits[byte & 15];
}

void appendWord(std::string& text, std::string_view word) {
    if (word.empty()) text += '%';
    for (const char c : word)
        if (isPlain(c))
            text += c;
        else
            appendEscaped(text, c);
}

void appendPattern(std::string& text, const NamePattern& pattern) {
    using Kind = NamePattern::Kind;
    if (pattern.kind != Kind::exact && pattern.kind != Kind::below) {
        text += toText(pattern);
        return;
    }
    if (pattern.kind == Kind::below) {
        text += '.';
        return appendWord(text, pattern.name);
    }
    const auto poses = [&](Kind kind) { return pattern.name == toText(NamePattern{kind}); };
    if (!pattern.name.starts_with('.') && !poses(Kind::nexthop) && !poses(Kind::dotNexthop) &&
        !poses(Kind::hostname))
        return appendWord(text, pattern.name);
    appendEscaped(text, pattern.name.front());
    if (pattern.name.size() > 1) appendWord(text, std::string_view(pattern.name).substr(1));
}

struct Attribute {
    std::string name;
    std::string value;
};

template <class Items, class Append>
std::string joined(const Items& items, char separator, Append append) {
    std::string text;
    for (bool first = true; const auto& item : items) {
        if (!first) text += separator;
        first = false;
        append(text, item);
    }
    return text;
}

std::string joinedWords(const std::vector<std::string>& words) {
    return joined(words, ':', [](std::string& text, const std::string& word) { appendWord(text, word); });
}

class Writer {
public:
    explicit Writer(Level level) : level_(level) {}

    void add(std::string name, std::string value) {
        attributes_.push_back({std::move(name), std::move(value)});
    }

    void add(const Condition& condition, std::size_t index) {
        suffix_ = index == 0 ? "" : std::to_string(index + 1);
        std::visit([&](const auto& c) { write(c); }, condition);
    }

    std::string finish() {
        std::ranges::sort(attributes_, std::less(), &Attribute::name);
        std::string text(toText(level_));
        for (const auto& [name, value] : attributes_) {
            text += ' ';
            text += name;
            text += '=';
            text += value;
        }
        return text;
    }

private:
    void write(const NamesCondition& c) {
        addOfCondition(level_ == Level::fingerprint ? "names" : "match",
                       joined(c.patterns, ':', appendPattern));
        if (!c.anchors.empty())
            addOfCondition("tafile", joined(c.anchors, ':', [](std::string& text, const Anchors& anchors) {
                               if (anchors.of == Anchors::Of::key) text += keyAnchor;
                               text += base::toHex(anchors.digest);
                           }));
        if (c.by != Proof::pkix) addOfCondition("by", std::string(toText(c.by)));
        writeProves(c.proves);
    }
    void write(const FingerprintCondition& c) {
        addOfCondition(
            level_ == Level::fingerprint ? "match" : "pins",
            joined(c.pins, '|', [](std::string& text, const Fingerprint& pin) { text += toText(pin); }));
        writeProves(c.proves);
    }
    void write(const TlsaCondition& c) {
        addOfCondition("tlsa", joined(c.records, ':',
                                      [](std::string& text, const Tlsa& tlsa) { text += toText(tlsa); }));
        if (!c.referenceNames.empty()) addOfCondition("reference", joinedWords(c.referenceNames));
        writeProves(c.proves);
    }
    void writeProves(Assurance proves) {
        if (proves != Assurance::authenticated) addOfCondition("proves", std::string(toText(proves)));
    }
    void addOfCondition(std::string_view name, std::string value) {
        add(std::string(name) + suffix_, std::move(value));
    }

    Level level_;
    std::string suffix_;
    std::vector<Attribute> attributes_;
};

void appendOrigin(std::string& text, const Origin& origin) {
    if (origin.kind != Origin::Kind::alliance) {
        text += toText(origin);
        return;
    }
    text += "alliance:";
    appendWord(text, origin.alliance);
}

std::string protocolsText(Protocols protocols) {
    std::vector<Protocol> listed;
    for (const auto p : {Protocol::tls10, Protocol::tls11, Protocol::tls12, Protocol::tls13})
        if (protocols.has(p)) listed.push_back(p);
    return joined(listed, ':', [](std::string& text, Protocol p) { text += toText(p); });
}

}  // namespace

std::string toText(const Requirement& requirement) {
    const auto& floors = requirement.floors;
    Writer writer(requirement.level);
    writer.add("ciphers", std::string(toText(floors.ciphers)));
    writer.add("protocols", protocolsText(floors.protocols));
    if (!floors.exclude.empty()) writer.add("exclude", joinedWords(floors.exclude));
    if (!floors.groups.empty()) writer.add("groups", joinedWords(floors.groups));
    if (!requirement.serverName.empty()) {
        std::string name;
        appendWord(name, requirement.serverName);
        writer.add("servername", std::move(name));
    }
    for (std::size_t i = 0; i < requirement.allOf.size(); ++i)
        writer.add(requirement.allOf[i], i);

    auto text = writer.finish();
    if (!requirement.also.empty())
        text += " also=" + joined(requirement.also, ',', [](std::string& out, const Also& also) {
                    out += toText(also.level);
                    out += '/';
                    appendOrigin(out, also.origin);
                });
    text += " origin=";
    appendOrigin(text, requirement.origin);
    if (requirement.until) text += " until=" + base::toRfc3339(*requirement.until);
    return text;
}

}  // namespace postseal::record
