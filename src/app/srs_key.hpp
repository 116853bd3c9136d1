// The secret that addresses of the Sender Rewriting Scheme are made with, where the configuration names none:
// `srs.key` in data_dir, made at the first start. Without it the addresses made before are void, so it is
// kept. Blocking; at start, as the user that the server runs as.
#pragma once

#include "app/load.hpp"
#include "directory/srs.hpp"
#include "log/sink.hpp"

#include <filesystem>
#include <memory>

namespace postseal::app {

/// A file that can't be read or made is no reason to stay down: a secret of this run takes its place, and
/// the log says so.
std::shared_ptr<const directory::Srs> srsKey(const std::filesystem::path& dataDir, log::Log log);
/// For who only looks: null where none was made, or it is not ours to read.
std::shared_ptr<const directory::Srs> knownSrsKey(const std::filesystem::path& dataDir);

/// The same with that secret, where the configuration names none.
std::shared_ptr<const Loaded> withSrs(std::shared_ptr<const Loaded> loaded,
                                      std::shared_ptr<const directory::Srs> srs);

}  // namespace postseal::app
