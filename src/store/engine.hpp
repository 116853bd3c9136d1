// SQL behind one small interface: run a prepared statement, look at rows, checkpoint, check. An engine is a
// file of its own (sqlite; later postgresql). Statements are static: their address is their identity, and an
// engine prepares each once. One thread at a time per engine.
#pragma once

#include "base/result.hpp"
#include "store/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace postseal::store {

/// SQL text with numbered parameters (?1, ?2, ...). Make it `constexpr` at namespace scope.
struct Statement {
    const char* sql;
};

using SharedBytes = std::shared_ptr<const std::string>;  // a body: bound as BLOB without a copy
struct Blob {
    std::string bytes;

    bool operator==(const Blob&) const = default;
};
/// NULL, INTEGER, TEXT, BLOB, BLOB shared with others.
using Value = std::variant<std::monostate, std::int64_t, std::string, Blob, SharedBytes>;

/// The row that a query stands on; views are valid until the callback returns.
class Row {
public:
    virtual ~Row() = default;
    virtual bool isNull(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;   // NULL gives 0
    virtual std::string_view text(int column) const = 0;  // NULL gives ""; also for BLOB
};
using OnRow = std::function<void(const Row&)>;

enum class Checkpoint { passive, truncate };

class Engine {
public:
    virtual ~Engine() = default;

    /// How many rows an INSERT, UPDATE or DELETE changed; 0 for others.
    virtual base::Result<std::int64_t> run(const Statement& statement, std::span<const Value> values) = 0;
    virtual base::Result<void> query(const Statement& statement, std::span<const Value> values,
                                     const OnRow& onRow) = 0;
    /// Several statements at once, not prepared: for schemas.
    virtual base::Result<void> script(std::string_view sql) = 0;
    /// Moves the log into the database. truncate also empties the log's file and fails where readers hinder
    /// it.
    virtual base::Result<void> checkpoint(Checkpoint how) = 0;
    /// Bytes of the log that are not yet in the database, as of the last commit.
    virtual std::uint64_t logBytes() const = 0;
    /// Reads through the whole store where it is small enough to be quick (256 MiB); Errc::corrupt if it is
    /// damaged.
    virtual base::Result<void> check() = 0;
    /// Bytes of the database that the next rows can take without its file growing.
    virtual std::uint64_t reusableBytes() = 0;
    /// Gives those bytes back to the disk where what is left is small (`most`): it is written once more.
    virtual base::Result<void> compact(std::uint64_t most) = 0;
    /// After an error that leaves it open what is on disk: close without touching the files further.
    virtual void abandon() = 0;
};

/// Convenience for values that are at hand.
inline base::Result<std::int64_t> run(Engine& engine, const Statement& statement,
                                      std::initializer_list<Value> values = {}) {
    return engine.run(statement, std::span(values.begin(), values.size()));
}
inline base::Result<void> query(Engine& engine, const Statement& statement,
                                std::initializer_list<Value> values, const OnRow& onRow) {
    return engine.query(statement, std::span(values.begin(), values.size()), onRow);
}

}  // namespace postseal::store
