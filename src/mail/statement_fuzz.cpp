#include "mail/statement_filter.hpp"
#include "mail/statement_id.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

/// The same octets in other chunks pass the same; nothing is added; what has passed has no statement of ours
/// left where lines end as the smtp room makes sure; and what comes from a relay of ours passes whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal::mail;
    if (size == 0) return 0;
    const std::size_t chunk = 1 + data[0] % 7;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto id = postseal::base::DomainName::parse("mx.example.org").value();
    const auto passOf = [&](std::string_view input, std::size_t step, StatementFilter& filter) {
        std::string passed;
        for (std::size_t at = 0; at < input.size(); at += step)
            passed += filter.pass(input.substr(at, step));
        return passed += filter.finish();
    };
    using OfOurs = StatementFilter::OfOurs;
    StatementFilter whole(id, OfOurs::removed), split(id, OfOurs::removed), again(id, OfOurs::removed),
        kept(id, OfOurs::kept);
    const auto passed = passOf(text, text.size() + 1, whole);
    if (passOf(text, chunk, split) != passed || split.removed() != whole.removed()) std::abort();
    if (passed.size() > text.size() || (whole.removed() == 0 && passed != text)) std::abort();
    if (passOf(text, chunk, kept) != text) std::abort();
    for (std::size_t at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1))
        if (text.substr(at, 2) != "\r\n") return 0;
    if (passOf(passed, chunk, again) != passed) std::abort();
    return 0;
}
