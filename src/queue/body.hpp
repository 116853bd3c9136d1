// The bytes of a message as they were received (unstuffed), without our own header fields. Up to 64 KiB they
// live in memory and then as a BLOB of the message's row; larger ones are streamed to a file of their own,
// one chunk in flight. A Body is a cheap handle; a file goes when its message's row is gone (after that
// commit) and the last handle with it. Bodies that stay in memory for an immediate delivery have one bound
// for all.
#pragma once

#include "base/result.hpp"
#include "record/message_id.hpp"
#include "store/descriptor.hpp"
#include "store/engine.hpp"
#include "store/readers.hpp"
#include "task/pool.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::queue {

inline constexpr std::size_t inlineBodyBytes = 64U << 10U;  // larger ones are files
inline constexpr std::size_t bodyChunkBytes = 64U << 10U;

/// The file of a body: removed with the last handle unless a stored message names it.
class BodyFile {
public:
    enum class Fate { keep, remove };
    BodyFile(std::filesystem::path path, Fate fate) : path_(std::move(path)), fate_(fate) {}
    ~BodyFile();
    BodyFile(const BodyFile&) = delete;
    BodyFile& operator=(const BodyFile&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string name() const { return path_.filename().string(); }
    void decide(Fate fate) { fate_ = fate; }

private:
    const std::filesystem::path path_;
    std::atomic<Fate> fate_;
};

/// Where a body is: in memory (and soon in the row), in the row of its message, or in a file.
class Body {
public:
    Body() = default;
    /// Of a message that we write ourselves, or of a test; at most inlineBodyBytes.
    static Body inMemory(std::string bytes);
    static Body inRow(record::QueueId id, std::uint64_t sizeBytes);
    static Body inFile(std::shared_ptr<BodyFile> file, std::uint64_t sizeBytes);

    std::uint64_t sizeBytes() const { return sizeBytes_; }
    const store::SharedBytes& bytes() const { return bytes_; }  // null: must be read (BodyReader)
    const std::shared_ptr<BodyFile>& file() const { return file_; }
    const record::QueueId& row() const { return row_; }
    /// What a delivery keeps of it once it is stored as that message: the bytes while the bound allows.
    Body stored(const record::QueueId& id) const;

private:
    friend class Bodies;

    store::SharedBytes bytes_;
    std::shared_ptr<BodyFile> file_;
    record::QueueId row_;
    std::uint64_t sizeBytes_ = 0;
    bool mayStay_ = true;  // in memory
};

struct BodySettings {
    std::filesystem::path dataDir;
    std::size_t memoryBytes = 64U << 20U;  // of all bodies that wait in memory for their delivery
    std::uint64_t reserveBytes = 0;        // files of new messages leave so much of the disk free
};

/// The folder of body files and the bound on memory; one for all cores. Any thread.
class Bodies {
public:
    Bodies(const BodySettings& settings, task::Pool& pool, store::Readers& readers);

    /// Makes the folder and removes files that no message names. Blocking; at start, after the store is open
    /// and before anything is received. A store that never held a message can't tell whose the files are:
    /// they are put aside, to the folder that it gives.
    base::Result<std::optional<std::filesystem::path>> sweepOrphans();

    /// Errc::full where the next chunk of a file would touch the reserve. Blocking, short.
    base::Result<void> needRoom() const;
    /// A body that has arrived whole, with its share of the bound.
    Body hold(std::string bytes);
    /// The file that a stored message names.
    std::shared_ptr<BodyFile> storedFile(std::string_view name) const;
    /// The file of a message to be: removed unless it is stored.
    std::shared_ptr<BodyFile> newFile(const record::QueueId& id) const;

    task::Pool& pool() { return pool_; }
    store::Readers& readers() { return readers_; }
    const std::filesystem::path& folder() const { return folder_; }

private:
    base::Result<void> removeUnnamed();

    const std::filesystem::path folder_;
    const std::size_t memoryBytes_;
    const std::uint64_t reserveBytes_;
    task::Pool& pool_;
    store::Readers& readers_;
    std::shared_ptr<std::atomic<std::size_t>> used_ = std::make_shared<std::atomic<std::size_t>>(0);
};

/// A body on its way in. Destroyed unfinished, or its Body never stored: its file is removed.
class IncomingBody {
public:
    /// `id` is that of the message to be; it names the file.
    IncomingBody(Bodies& bodies, record::QueueId id) : bodies_(&bodies), id_(std::move(id)) {}

    /// Takes the bytes before it first suspends. Suspends only while a chunk is written.
    /// Errors: Errc::full (452), else Phase::file (451).
    task::Awaitable<base::Result<void>> append(std::string_view bytes);
    /// Whole and, where it is a file, on disk with its name. The object is empty afterwards.
    task::Awaitable<base::Result<Body>> finish();

    /// Memory is short: from the next append() on it holds no more than what is on its way to the file.
    void keepInFile() { held_ = 0; }

    std::uint64_t sizeBytes() const { return sizeBytes_; }
    std::size_t memoryBytes() const { return buffer_.capacity(); }

private:
    Bodies* bodies_;
    record::QueueId id_;
    std::string buffer_;
    std::size_t held_ = inlineBodyBytes;  // in the buffer at most, between two calls
    std::shared_ptr<BodyFile> file_;
    store::Descriptor descriptor_;
    std::uint64_t sizeBytes_ = 0;
};

/// Gives a body chunk by chunk, from wherever it is.
class BodyReader {
public:
    BodyReader(Bodies& bodies, Body body) : bodies_(&bodies), body_(std::move(body)) {}

    /// The next chunk, valid until the next call; empty: the end. In memory it is one chunk, without
    /// suspending.
    task::Awaitable<base::Result<std::string_view>> next();

private:
    task::Awaitable<base::Result<std::string_view>> nextOfFile();
    task::Awaitable<base::Result<std::string_view>> wholeRow();

    Bodies* bodies_;
    Body body_;
    std::string chunk_;
    store::Descriptor descriptor_;
    std::uint64_t offset_ = 0;
};

}  // namespace postseal::queue
