#include "queue/body.hpp"

#include "queue/id.hpp"
#include "store/data_dir.hpp"
#include "store/key.hpp"
#include "task/clock.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

namespace postseal::queue {
namespace {

using store::Descriptor;
using store::systemError;

constexpr store::Statement namedFiles{"SELECT file FROM messages WHERE file IS NOT NULL"};
constexpr store::Statement selectBody{"SELECT body FROM messages WHERE id = ?1"};

/// Bytes in memory that give their share of the bound back when the last delivery is done with them.
struct Held {
    std::string bytes;
    std::shared_ptr<std::atomic<std::size_t>> used;
    std::size_t share;

    Held(std::string text, std::shared_ptr<std::atomic<std::size_t>> counter)
        : bytes(std::move(text)), used(std::move(counter)), share(bytes.size()) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { *used -= share; }
};

base::Result<void> writeAll(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return base::fail(systemError(errno, fmt::format("can't write {}", path.string())));
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

base::Result<Descriptor> create(const std::filesystem::path& path) {
    Descriptor made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!made.isOpen()) return base::fail(systemError(errno, fmt::format("can't create {}", path.string())));
    return made;
}

/// On disk with its content and its name.
base::Result<void> makeDurable(int descriptor, const std::filesystem::path& path) {
    if (::fsync(descriptor) != 0)
        return base::fail(systemError(errno, fmt::format("can't sync {}", path.string())));
    return store::syncDirectory(path.parent_path());
}

base::Result<std::string> readChunk(int descriptor, std::uint64_t offset, std::size_t limit,
                                    const std::filesystem::path& path) {
    std::string chunk(limit, '\0');
    std::size_t filled = 0;
    while (filled < limit) {
        const auto count =
            ::pread(descriptor, chunk.data() + filled, limit - filled, static_cast<off_t>(offset + filled));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return base::fail(systemError(errno, fmt::format("can't read {}", path.string())));
        if (count == 0) return base::fail(systemError(EIO, fmt::format("{} is too short", path.string())));
        filled += static_cast<std::size_t>(count);
    }
    return chunk;
}

}  // namespace

BodyFile::~BodyFile() {
    // What can't be removed now is an orphan, swept at the next start.
    if (fate_ == Fate::remove) ::unlink(path_.c_str());
}

Body Body::inMemory(std::string bytes) {
    Body body;
    body.sizeBytes_ = bytes.size();
    body.bytes_ = std::make_shared<const std::string>(std::move(bytes));
    return body;
}

Body Body::inRow(record::QueueId id, std::uint64_t sizeBytes) {
    Body body;
    body.row_ = std::move(id);
    body.sizeBytes_ = sizeBytes;
    return body;
}

Body Body::inFile(std::shared_ptr<BodyFile> file, std::uint64_t sizeBytes) {
    Body body;
    body.file_ = std::move(file);
    body.sizeBytes_ = sizeBytes;
    return body;
}

Body Body::stored(const record::QueueId& id) const {
    return bytes_ && !mayStay_ ? inRow(id, sizeBytes_) : *this;
}

Bodies::Bodies(const BodySettings& settings, task::Pool& pool, store::Readers& readers)
    : folder_(settings.dataDir / "bodies"), memoryBytes_(settings.memoryBytes),
      reserveBytes_(settings.reserveBytes), pool_(pool), readers_(readers) {}

base::Result<std::optional<std::filesystem::path>> Bodies::sweepOrphans() {
    const auto newest = newestId(readers_);
    if (!newest) return base::fail(newest.error());
    std::optional<std::filesystem::path> aside;
    std::error_code error;
    if (*newest == base::Timestamp() && std::filesystem::is_directory(folder_, error) &&
        !std::filesystem::is_empty(folder_, error)) {
        const auto now = task::timeNow().time_since_epoch();
        aside = fmt::format("{}.{}", folder_.string(), std::chrono::floor<std::chrono::seconds>(now).count());
        if (::rename(folder_.c_str(), aside->c_str()) != 0)
            return base::fail(systemError(errno, fmt::format("can't move {}", folder_.string())));
    }
    if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
        return base::fail(systemError(errno, fmt::format("can't create {}", folder_.string())));
    if (auto synced = store::syncDirectory(folder_.parent_path()); !synced) return base::fail(synced.error());
    if (auto removed = removeUnnamed(); !removed) return base::fail(removed.error());
    return aside;
}

base::Result<void> Bodies::removeUnnamed() {
    using Names = std::set<std::string, std::less<>>;
    const auto named = readers_.read<Names>([](store::Engine& engine) -> base::Result<Names> {
        Names names;
        const auto read =
            store::query(engine, namedFiles, {}, [&](const store::Row& row) { names.emplace(row.text(0)); });
        if (!read) return base::fail(read.error());
        return names;
    });
    if (!named) return base::fail(named.error());
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
         entry.increment(error))
        if (!named->contains(entry->path().filename().string())) ::unlink(entry->path().c_str());
    if (error) return base::fail(base::Error{error, base::Phase::file, folder_.string()});
    return {};
}

base::Result<void> Bodies::needRoom() const {
    if (reserveBytes_ == 0 || store::freeBytes(folder_) >= reserveBytes_ + bodyChunkBytes) return {};
    return base::fail(
        store::makeError(store::Errc::full, fmt::format("{}: only the reserve is left", folder_.string())));
}

Body Bodies::hold(std::string bytes) {
    Body body;
    body.sizeBytes_ = bytes.size();
    body.mayStay_ = (*used_ += bytes.size()) <= memoryBytes_;
    const auto held = std::make_shared<const Held>(std::move(bytes), used_);
    body.bytes_ = store::SharedBytes(held, &held->bytes);
    return body;
}

std::shared_ptr<BodyFile> Bodies::storedFile(std::string_view name) const {
    return std::make_shared<BodyFile>(folder_ / name, BodyFile::Fate::keep);
}

std::shared_ptr<BodyFile> Bodies::newFile(const record::QueueId& id) const {
    return std::make_shared<BodyFile>(folder_ / id.text(), BodyFile::Fate::remove);
}

task::Awaitable<base::Result<void>> IncomingBody::append(std::string_view bytes) {
    buffer_ += bytes;
    sizeBytes_ += bytes.size();
    // The last full buffer waits for finish(), so that a body of exactly the limit stays in memory.
    if (buffer_.size() <= held_) co_return base::Result<void>();
    if (!file_) file_ = bodies_->newFile(id_);
    co_return co_await bodies_->pool().run([this]() -> base::Result<void> {
        if (auto room = bodies_->needRoom(); !room) return room;
        if (!descriptor_.isOpen()) {
            auto created = create(file_->path());
            if (!created) return base::fail(created.error());
            descriptor_ = std::move(*created);
        }
        auto written = writeAll(descriptor_.get(), buffer_, file_->path());
        if (held_ == 0) buffer_ = std::string();
        buffer_.clear();
        return written;
    });
}

task::Awaitable<base::Result<Body>> IncomingBody::finish() {
    if (!file_) co_return bodies_->hold(std::move(buffer_));
    auto durable = co_await bodies_->pool().run([this]() -> base::Result<void> {
        if (auto written = writeAll(descriptor_.get(), buffer_, file_->path()); !written) return written;
        return makeDurable(descriptor_.get(), file_->path());
    });
    if (!durable) co_return base::fail(durable.error());
    descriptor_ = Descriptor();
    buffer_ = std::string();
    co_return Body::inFile(std::move(file_), sizeBytes_);
}

task::Awaitable<base::Result<std::string_view>> BodyReader::next() {
    if (offset_ >= body_.sizeBytes()) co_return std::string_view();
    if (body_.file()) co_return co_await nextOfFile();
    if (!body_.bytes()) co_return co_await wholeRow();
    offset_ = body_.sizeBytes();
    co_return std::string_view(*body_.bytes());
}

task::Awaitable<base::Result<std::string_view>> BodyReader::nextOfFile() {
    auto chunk = co_await bodies_->pool().run([this]() -> base::Result<std::string> {
        const auto& path = body_.file()->path();
        if (!descriptor_.isOpen())
            descriptor_ = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!descriptor_.isOpen())
            return base::fail(systemError(errno, fmt::format("can't open {}", path.string())));
        const auto rest = body_.sizeBytes() - offset_;
        return readChunk(descriptor_.get(), offset_, std::min<std::uint64_t>(rest, bodyChunkBytes), path);
    });
    if (!chunk) co_return base::fail(chunk.error());
    chunk_ = std::move(*chunk);
    offset_ += chunk_.size();
    co_return std::string_view(chunk_);
}

task::Awaitable<base::Result<std::string_view>> BodyReader::wholeRow() {
    auto bytes = co_await bodies_->pool().run([this] {
        return bodies_->readers().read<std::string>(
            [this](store::Engine& engine) -> base::Result<std::string> {
                std::string found;
                const auto read = store::query(engine, selectBody, {store::toKey(body_.row())},
                                               [&](const store::Row& row) { found = row.text(0); });
                if (!read) return base::fail(read.error());
                return found;
            });
    });
    if (!bytes) co_return base::fail(bytes.error());
    if (bytes->size() != body_.sizeBytes())
        co_return base::fail(store::makeError(store::Errc::corrupt, "no body for " + body_.row().text()));
    chunk_ = std::move(*bytes);
    offset_ = chunk_.size();
    co_return std::string_view(chunk_);
}

}  // namespace postseal::queue
