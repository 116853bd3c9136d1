#include "app/srs_key.hpp"

#include "base/result.hpp"
#include "store/data_dir.hpp"
#include "store/descriptor.hpp"
#include "store/error.hpp"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace postseal::app {
namespace {

using store::Descriptor;
using Bytes = std::array<char, directory::Srs::secretBytes>;

std::shared_ptr<const directory::Srs> keyOf(const Bytes& bytes) {
    return std::make_shared<directory::Srs>(base::Secret(std::string_view(bytes.data(), bytes.size())));
}

bool readWhole(const std::filesystem::path& file, Bytes& bytes) {
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    errno = in.isOpen() ? 0 : errno;
    return in.isOpen() && ::read(in.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

/// Under its name only once it is whole and on disk.
base::Result<void> write(const std::filesystem::path& file, const Bytes& bytes) {
    const auto made = file.string() + ".new";
    const Descriptor out(::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out.isOpen() ||
        ::write(out.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fsync(out.get()) != 0 || ::rename(made.c_str(), file.c_str()) != 0)
        return base::fail(store::systemError(errno, fmt::format("can't make {}", file.string())));
    return store::syncDirectory(file.parent_path());
}

}  // namespace

std::shared_ptr<const directory::Srs> knownSrsKey(const std::filesystem::path& dataDir) {
    Bytes bytes{};
    return readWhole(dataDir / "srs.key", bytes) ? keyOf(bytes) : nullptr;
}

std::shared_ptr<const directory::Srs> srsKey(const std::filesystem::path& dataDir, log::Log log) {
    constexpr std::string_view loss = "; addresses that SRS makes are void after the next restart";
    const auto file = dataDir / "srs.key";
    Bytes bytes{};
    if (readWhole(file, bytes)) return keyOf(bytes);
    const int why = errno;
    // A folder that can't be used at all is told of by the queue.
    if (::access(dataDir.c_str(), W_OK | X_OK) != 0) log = {};
    if (::getentropy(bytes.data(), bytes.size()) != 0) return nullptr;  // never on Linux after boot
    if (why != 0 && why != ENOENT) {
        const auto error = store::systemError(why, fmt::format("can't read {}", file.string()));
        log.warning(log::Line().text(base::toText(error) + std::string(loss)));
        return keyOf(bytes);
    }
    if (why == 0)
        log.warning(log::Line().text(file.string() + " is too short and made anew: addresses that SRS made "
                                                     "before are void"));
    if (const auto written = write(file, bytes); !written)
        log.warning(log::Line().text(base::toText(written.error()) + std::string(loss)));
    return keyOf(bytes);
}

std::shared_ptr<const Loaded> withSrs(std::shared_ptr<const Loaded> loaded,
                                      std::shared_ptr<const directory::Srs> srs) {
    if (loaded->directory->srs) return loaded;
    auto directory = *loaded->directory;
    directory.srs = std::move(srs);
    return withDirectory(*loaded, std::move(directory));
}

}  // namespace postseal::app
