// The commands, each in a file of its own: a value from the command line in, an exit status out (0 fine, 1
// the answer is no, 2 usage or configuration error). They print to standard output, and errors to standard
// error.
#pragma once

#include "cli/arguments.hpp"

namespace postseal::cli {

int run(const Serve& command);
int run(const Trace& command);
int run(const TraceList& command);
int run(const ReportTraffic& command);
int run(const ReportRefused& command);
int run(const Check& command);
int run(const CheckInbound& command);
int run(const QueueList& command);
int run(const QueueShow& command);
int run(const QueueBalance& command);
int run(const QueueDestinations& command);
int run(const QueueSteer& command);
int run(const PolicyExcept& command);
int run(const PolicyExceptions& command);
int run(const PolicyMemoryList& command);
int run(const PolicyMemoryChange& command);
int run(const PolicySuggest& command);
int run(const PolicyTry& command);
int run(const AllianceBuild& command);
int run(const AllianceKeygen& command);
int run(const AllianceSign& command);
int run(const AllianceVerify& command);
int run(const AllianceDiff& command);
int run(const AllianceAdd& command);
int run(const AllianceUpdate& command);
int run(const AllianceList& command);
int run(const AlliancePromote& command);
int run(const AllianceLeave& command);
int run(const AllianceExport& command);

/// The time that is meant, as of now.
base::Timestamp timeOf(const Since& since);

/// The whole program.
int run(int argc, const char* const* argv);

}  // namespace postseal::cli
