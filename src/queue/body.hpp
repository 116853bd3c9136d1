// The bytes of a message as they were received (unstuffed), without our own header fields. Up to 64 KiB they
// live in memory and then as a BLOB of the message's row; larger ones are streamed to a file of their own,
// one chunk in flight. A Body is a cheap handle; a file goes when its message's row is gone (after that
// commit) and the last handle with it. Bodies that stay in memory for an immediate delivery have one bound
// for all.
#pragma once

#include "base/result.hpp"
#include "record/message_id.hpp"
#include "store/engine.hpp"
#include "store/readers.hpp"
#include "task/pool.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace postseal::queue {

inline constexpr std::size_t inlineBodyBytes = 64U << 10U;  // larger ones are files
inline constexpr std::size_t bodyChunkBytes = 64U << 10U;

class BodyFile;

/// Where a body is: in memory (and soon in the row), in the row of its message, or in a file.
class Body {
public:
    Body() = default;
    /// Of a message that we write ourselves, or of a test; at most inlineBodyBytes.
    static Body inMemory(std::string bytes);
    static Body inRow(record::QueueId id, std::uint64_t sizeBytes);
    static Body inFile(std::shared_ptr<BodyFile> file, std::uint64_t sizeBytes);

    std::uint64_t sizeBytes() const { return sizeBytes_; }
    const store::SharedBytes& bytes() const { return bytes_; }  // null: must be read
    const std::shared_ptr<BodyFile>& file() const { return file_; }
    const record::QueueId& row() const { return row_; }
    /// May stay in memory after it was stored.
    bool isKept() const { return kept_; }

private:
    friend class IncomingBody;

    store::SharedBytes bytes_;
    std::shared_ptr<BodyFile> file_;
    record::QueueId row_;
    std::uint64_t sizeBytes_ = 0;
    bool kept_ = true;
};

struct BodySettings {
    std::filesystem::path dataDir;
    std::size_t memoryBytes = 64U << 20U;  // of all bodies that wait in memory for their delivery
};

/// The folder of body files and the bound on memory; one for all cores. Any thread.
class Bodies {
public:
    Bodies(BodySettings settings, task::Pool& pool, store::Readers& readers);

    /// Makes the folder and removes files that no message names. Blocking, at start, before anything is
    /// received.
    base::Result<void> sweepOrphans();

    /// A file that a stored message names.
    std::shared_ptr<BodyFile> stored(const std::string& name);

    task::Pool& pool() { return pool_; }
    store::Readers& readers() { return readers_; }
    const std::filesystem::path& folder() const { return folder_; }
    /// Lends memory under the bound to a body of that size; null: none is left. Goes back with the pointer.
    std::shared_ptr<void> reserve(std::size_t bytes);

private:
    const BodySettings settings_;
    const std::filesystem::path folder_;
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
    /// Errors: Phase::file, with no_space_on_device for a full disk (452).
    boost::asio::awaitable<base::Result<void>> append(std::string_view bytes);
    /// Whole and, where it is a file, on disk with its name. The object is empty afterwards.
    boost::asio::awaitable<base::Result<Body>> finish();

    std::uint64_t sizeBytes() const { return sizeBytes_; }

private:
    boost::asio::awaitable<base::Result<void>> flush();

    Bodies* bodies_;
    record::QueueId id_;
    std::string buffer_;
    std::shared_ptr<BodyFile> file_;
    std::uint64_t sizeBytes_ = 0;
};

/// Gives a body chunk by chunk, from wherever it is.
class BodyReader {
public:
    BodyReader(Bodies& bodies, Body body) : bodies_(&bodies), body_(std::move(body)) {}

    /// The next chunk, valid until the next call; empty: the end. In memory it is one chunk, without
    /// suspending.
    boost::asio::awaitable<base::Result<std::string_view>> next();

private:
    Bodies* bodies_;
    Body body_;
    std::string chunk_;
    std::uint64_t offset_ = 0;
};

}  // namespace postseal::queue
