// The server: who lives in it, and how all of it begins and ends. Made once by the supervisor's thread, which
// alone calls it. Nothing of what runs here ever ends the process: a session's exception is logged by
// task::spawn, a store that fails answers 451 and is tried again (rule 56).
#pragma once

#include "app/bound.hpp"
#include "app/residents.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace postseal::app {

class Server {
public:
    Server(Bound bound, log::Log log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Starts the threads and accepts.
    void start();
    /// Once a second: tries again what could not be done yet, and lets each resident do what it does in
    /// peace.
    void tick();
    /// What of the new configuration asks for a restart; empty: nothing.
    std::string needsRestart(const config::Settings& from, const config::Settings& to) const;
    /// New settings, certificates and directory for whoever comes next; nobody is disconnected.
    void adopt(const std::shared_ptr<const Loaded>& loaded) { residents_.adopt(loaded); }
    /// Null: send nothing outward. The first valid one lets go at once what waited for it.
    void adoptPolicy(const std::shared_ptr<const policy::Map>& map) { residents_.adoptPolicy(map); }
    /// Takes up nothing new, ends what runs within the limit, closes the store. False: the limit came first.
    bool stop(std::chrono::seconds limit);

private:
    base::Clock clock_;
    task::Pool pool_;
    Residents residents_;
    // The cores go first: what still waits on them refers to the rest.
    std::unique_ptr<net::Resolver> resolver_;
    std::unique_ptr<task::Cores> cores_;
};

}  // namespace postseal::app
