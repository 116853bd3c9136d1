#include "record/hop.hpp"

#include "record/names.hpp"

namespace postseal::record {
namespace {

constexpr std::array<std::string_view, 2> directionNames{"in", "out"};
constexpr std::array<std::string_view, 5> resultNames{"accepted", "delivered", "deferred", "bounced",
                                                      "refused"};
constexpr std::array<std::string_view, 4> dnssecNames{"not-asked", "secure", "insecure", "bogus"};
constexpr std::array<std::string_view, 5> mxProofNames{"none", "administrator", "dnssec", "mta-sts",
                                                       "alliance"};

}  // namespace

std::string_view toText(Direction direction) {
    return nameOf(directionNames, direction);
}
std::string_view toText(HopResult result) {
    return nameOf(resultNames, result);
}
std::string_view toText(DnssecStatus status) {
    return nameOf(dnssecNames, status);
}
std::string_view toText(MxProof proof) {
    return nameOf(mxProofNames, proof);
}
std::optional<Direction> parseDirection(std::string_view text) {
    return valueOf<Direction>(directionNames, text);
}
std::optional<HopResult> parseHopResult(std::string_view text) {
    return valueOf<HopResult>(resultNames, text);
}
std::optional<DnssecStatus> parseDnssecStatus(std::string_view text) {
    return valueOf<DnssecStatus>(dnssecNames, text);
}
std::optional<MxProof> parseMxProof(std::string_view text) {
    return valueOf<MxProof>(mxProofNames, text);
}

std::string wantedAndGot(const std::optional<Requirement>& wanted, std::optional<Assurance> got) {
    std::string text(wanted ? toText(wanted->level) : "-");
    text += '/';
    text += got ? toText(*got) : "-";
    return text;
}

}  // namespace postseal::record
