// Lets reports go that were kept since they could not be delivered, once they are too old or too many
// (queue/kept): counted as discarded, with a record of each and a warning. Blocking, short.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "log/sink.hpp"
#include "queue/kept.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"

#include <filesystem>

namespace postseal::deliver {

/// Some of them at a time; what it gives is how many. To be called again, some time, whatever it gives.
base::Result<std::size_t> letKeptReportsGo(store::Readers& readers, store::Writer& writer,
                                           const std::filesystem::path& dataDir,
                                           const queue::KeptLimits& limits, base::Timestamp now,
                                           log::Log log);

}  // namespace postseal::deliver
