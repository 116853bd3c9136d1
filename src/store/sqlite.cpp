#include "store/sqlite.hpp"

#include <sqlite3.h>

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <unordered_map>

namespace postseal::store {
namespace {

struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Prepared = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

Errc toErrc(int extended) {
    switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH: return Errc::conflict;
    case SQLITE_FULL: return Errc::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Errc::corrupt;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM: return Errc::io;
    default: return Errc::misuse;
    }
}

int bindOne(sqlite3_stmt* statement, int index, const Value& value) {
    // The values outlive the step, so SQLite never needs a copy of its own.
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return sqlite3_bind_int64(statement, index, *number);
    if (const auto* text = std::get_if<std::string>(&value))
        return sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()),
                                 SQLITE_STATIC);
    if (const auto* blob = std::get_if<Blob>(&value))
        return sqlite3_bind_blob64(statement, index, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC);
    if (const auto* shared = std::get_if<SharedBytes>(&value); shared && *shared)
        return sqlite3_bind_blob64(statement, index, (*shared)->data(), (*shared)->size(), SQLITE_STATIC);
    return sqlite3_bind_null(statement, index);
}

class SqliteRow : public Row {
public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

    bool isNull(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
    std::string_view text(int column) const override {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        if (bytes == nullptr) return {};
        return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

private:
    sqlite3_stmt* statement_;
};

/// Makes a statement ready for its next use, whatever became of this one; drops borrowed pointers.
class ResetAtEnd {
public:
    explicit ResetAtEnd(sqlite3_stmt* statement) : statement_(statement) {}
    ResetAtEnd(const ResetAtEnd&) = delete;
    ResetAtEnd& operator=(const ResetAtEnd&) = delete;
    ~ResetAtEnd() { sqlite3_reset(statement_); }

private:
    sqlite3_stmt* statement_;
};

class Sqlite : public Engine {
public:
    explicit Sqlite(Connection connection) : connection_(std::move(connection)) {}

    base::Result<std::int64_t> run(const Statement& statement, std::span<const Value> values) override {
        auto prepared = prepare(statement, values);
        if (!prepared) return base::fail(prepared.error());
        const ResetAtEnd reset(*prepared);
        const auto before = sqlite3_total_changes64(connection_.get());
        int code = sqlite3_step(*prepared);
        while (code == SQLITE_ROW)
            code = sqlite3_step(*prepared);
        if (code != SQLITE_DONE) return base::fail(lastError(statement.sql));
        return sqlite3_total_changes64(connection_.get()) - before;
    }

    base::Result<void> query(const Statement& statement, std::span<const Value> values,
                             const OnRow& onRow) override {
        auto prepared = prepare(statement, values);
        if (!prepared) return base::fail(prepared.error());
        const ResetAtEnd reset(*prepared);
        const SqliteRow row(*prepared);
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(*prepared)) == SQLITE_ROW)
            onRow(row);
        if (code != SQLITE_DONE) return base::fail(lastError(statement.sql));
        return {};
    }

    base::Result<void> script(std::string_view sql) override {
        const std::string text(sql);
        if (sqlite3_exec(connection_.get(), text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            return base::fail(lastError(sql));
        return {};
    }

    base::Result<void> checkpoint(Checkpoint how) override {
        const bool truncate = how == Checkpoint::truncate;
        int inLog = 0;
        int moved = 0;
        const int code = sqlite3_wal_checkpoint_v2(
            connection_.get(), nullptr, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
            &inLog, &moved);
        if (code != SQLITE_OK && (truncate || code != SQLITE_BUSY))
            return base::fail(lastError("checkpoint"));
        if (inLog >= 0 && inLog == moved) logPages_ = 0;
        return {};
    }

    std::uint64_t logBytes() const override { return static_cast<std::uint64_t>(logPages_) * pageBytes_; }

    base::Result<void> check() override {
        std::int64_t pages = 0;
        auto done = query(pageCount, {}, [&](const Row& row) { pages = row.integer(0); });
        if (!done || static_cast<std::uint64_t>(pages) * pageBytes_ > checkedBytes) return done;
        std::string fault;
        done = query(quickCheck, {}, [&](const Row& row) { fault = row.text(0); });
        if (!done || fault == "ok") return done;
        return base::fail(makeError(Errc::corrupt, fault));
    }

    std::uint64_t reusableBytes() override { return number(freePages) * pageBytes_; }

    base::Result<void> compact(std::uint64_t most) override {
        const auto free = number(freePages);
        if (free == 0 || (number(pageCount) - free) * pageBytes_ > most) return {};
        if (auto vacuumed = script("VACUUM"); !vacuumed) return vacuumed;
        return checkpoint(Checkpoint::truncate);
    }

    void abandon() override {
        sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }

    base::Result<void> configure(const SqliteSettings& settings) {
        sqlite3_extended_result_codes(connection_.get(), 1);
        mostBusyTries_ = static_cast<int>(settings.busyTimeout / pauseWhenBusy);
        sqlite3_busy_handler(connection_.get(), &Sqlite::waitWhenBusy, this);
        // secure_delete (on in Debian's build) would write each deleted body once more; mail that must not be
        // read back belongs on an encrypted disk. Checkpoints are the writer's, at a moment of its choice.
        auto set =
            settings.access == Access::readWrite
                ? script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
                         "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-32768;"
                         "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF; PRAGMA trusted_schema=OFF")
                : script("PRAGMA query_only=ON; PRAGMA cache_size=-4096; PRAGMA trusted_schema=OFF");
        if (!set) return set;
        sqlite3_wal_hook(connection_.get(), &Sqlite::committed, this);
        return query(pageSize, {},
                     [&](const Row& row) { pageBytes_ = static_cast<std::uint64_t>(row.integer(0)); });
    }

private:
    static constexpr Statement pageSize{"PRAGMA page_size"};
    static constexpr Statement pageCount{"PRAGMA page_count"};
    static constexpr Statement freePages{"PRAGMA freelist_count"};
    static constexpr Statement quickCheck{"PRAGMA quick_check(1)"};
    static constexpr std::uint64_t checkedBytes = 256U << 20U;
    static constexpr std::chrono::milliseconds pauseWhenBusy{2};

    /// SQLite's own handler sleeps for up to a tenth of a second and so misses the pauses that a command
    /// (queue/steer) leaves between its transactions.
    static int waitWhenBusy(void* self, int tries) {
        if (tries >= static_cast<Sqlite*>(self)->mostBusyTries_) return 0;
        std::this_thread::sleep_for(pauseWhenBusy);
        return 1;
    }

    static int committed(void* self, sqlite3*, const char*, int pages) {
        static_cast<Sqlite*>(self)->logPages_ = pages;
        return SQLITE_OK;
    }

    base::Result<sqlite3_stmt*> prepare(const Statement& statement, std::span<const Value> values) {
        Prepared& prepared = prepared_[&statement];
        if (!prepared) {
            sqlite3_stmt* made = nullptr;
            if (sqlite3_prepare_v3(connection_.get(), statement.sql, -1, SQLITE_PREPARE_PERSISTENT, &made,
                                   nullptr) != SQLITE_OK)
                return base::fail(lastError(statement.sql));
            prepared.reset(made);
        }
        int index = 0;
        for (const Value& value : values)
            if (bindOne(prepared.get(), ++index, value) != SQLITE_OK)
                return base::fail(lastError(statement.sql));
        return prepared.get();
    }

    /// What a pragma tells; 0 where it can't.
    std::uint64_t number(const Statement& pragma) {
        std::uint64_t told = 0;
        const auto take = [&](const Row& row) { told = static_cast<std::uint64_t>(row.integer(0)); };
        return query(pragma, {}, take) ? told : 0;
    }

    base::Error lastError(std::string_view doing) const {
        const int code = sqlite3_extended_errcode(connection_.get());
        return makeError(toErrc(code), fmt::format("{} ({}): {}", sqlite3_errmsg(connection_.get()), code,
                                                   doing.substr(0, 80)));
    }

    Connection connection_;
    std::unordered_map<const Statement*, Prepared> prepared_;
    int logPages_ = 0;
    int mostBusyTries_ = 0;
    std::uint64_t pageBytes_ = 4096;
};

}  // namespace

base::Result<std::unique_ptr<Engine>> openSqlite(const SqliteSettings& settings) {
    const int flags = settings.access == Access::readWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                           : SQLITE_OPEN_READONLY;
    // The folder may be reached by links. What lies in it is the service account's: a link put there must not
    // lead root's commands to a file of somebody else.
    std::error_code unresolved;  // then opening it tells
    auto folder = std::filesystem::canonical(settings.file.parent_path(), unresolved);
    const auto file = (unresolved ? settings.file.parent_path() : folder) / settings.file.filename();
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(
        file.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW,
        settings.vfs.empty() ? nullptr : settings.vfs.c_str());
    Connection connection(opened);
    if (code != SQLITE_OK)
        return base::fail(
            makeError(toErrc(code), fmt::format("can't open {}: {}", settings.file.string(),
                                                opened ? sqlite3_errmsg(opened) : "no memory")));
    auto engine = std::make_unique<Sqlite>(std::move(connection));
    if (const auto configured = engine->configure(settings); !configured) {
        engine->abandon();
        auto error = configured.error();
        error.detail = fmt::format("{}: {}", settings.file.string(), error.detail);
        return base::fail(std::move(error));
    }
    return engine;
}

}  // namespace postseal::store
