// What `postseal policy try` prints: of the mail that was sent, counted by recipient, what another default
// level would have held back, by domain. Pure: records in, text out.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "policy/claim.hpp"
#include "record/hop.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::cli {

/// The words of `[outbound] level` that demand anything: `encrypt`, ..., `sealed`.
struct TriedLevel {
    std::string word;
    policy::Claim claim;
};
/// The error says what may be tried.
base::Result<TriedLevel, std::string> parseTriedLevel(const std::string& word);

class LevelTried {
public:
    static constexpr std::size_t mostDomains = 100'000;  // the rest is counted as `others`
    static constexpr std::string_view others = "(others)";

    struct Row {
        std::string domain;
        std::int64_t sent = 0, held = 0;
        std::string why = {};  // the first that was seen: records come newest first
    };

    explicit LevelTried(TriedLevel level) : level_(std::move(level)) {}

    void add(const record::HopRecord& hop);

    bool holdsAny() const;
    /// At most `limit` domains: those of which most would have waited; the others together are the last.
    std::string forPeople(base::Timestamp since, std::size_t limit) const;
    std::string toJson(base::Timestamp since, std::size_t limit) const;

private:
    Row& rowOf(std::string domain);
    std::vector<Row> rows(std::size_t limit) const;
    Row sum() const;

    TriedLevel level_;
    std::map<std::string, Row, std::less<>> domains_;
    std::int64_t elsewhere_ = 0;  // recipients for whom the map or an exception decides
};

}  // namespace postseal::cli
