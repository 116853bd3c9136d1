// The TXT record of MTA-STS: any bytes, a NUL dividing records. What gives an id gives the same beside a
// record of something else, and none beside a second one of its kind.
#include "policy/mta_sts.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    using Kind = policy::TxtFinding::Kind;
    std::vector<dns::Text> records(1);
    for (std::size_t i = 0; i < size; ++i) {
        if (data[i] == 0)
            records.emplace_back();
        else
            records.back().joined += static_cast<char>(data[i]);
    }
    const auto finding = policy::parseTxt(records);
    if (finding.kind == Kind::failed) std::abort();
    if ((finding.kind == Kind::id) == finding.id.empty() || finding.id.size() > 32) std::abort();
    if (finding.kind != Kind::id) return 0;
    records.push_back({"v=spf1 -all"});
    if (policy::parseTxt(records) != finding) std::abort();
    records.push_back({"v=STSv1; id=2;"});
    if (policy::parseTxt(records).kind != Kind::none) std::abort();
    return 0;
}
