// What the queue knows a destination by: a transport and its text, made together once, so that nobody reads
// the text again to learn what it says. The text is the key of the queue's rows, of schedules and of cores;
// two routes are equal where it is. Values; any thread.
#pragma once

#include "base/result.hpp"
#include "record/transport.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace postseal::record {

class Route {
public:
    explicit Route(Transport transport) : transport_(std::move(transport)), text_(toText(transport_)) {}
    /// Of a text that was kept, which stays as it is. The error is what is wrong with it, for people.
    static base::Result<Route, std::string> parse(std::string_view text);

    const Transport& transport() const { return transport_; }
    const std::string& text() const { return text_; }
    bool operator==(const Route& other) const { return text_ == other.text_; }

private:
    Route(Transport transport, std::string_view text) : transport_(std::move(transport)), text_(text) {}

    Transport transport_;
    std::string text_;
};

}  // namespace postseal::record
