#include "cli/write_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace postseal::cli {
namespace {

using base::fail;
using Written = base::Result<void, std::string>;

Written failed(const std::string& file) {
    return fail(file + " can't be written: " + std::strerror(errno));
}

}  // namespace

Written writeText(const std::string& file, std::string_view text) {
    if (file.empty()) {
        if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
        return failed("standard output");
    }
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) return failed(file);
    return {};
}

Written writeNewSecret(const std::string& file, std::string_view text) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed(file);
    const auto written = ::write(descriptor, text.data(), text.size());
    const bool isWhole = written == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
    if (::close(descriptor) != 0 || !isWhole) return failed(file);
    return {};
}

}  // namespace postseal::cli
