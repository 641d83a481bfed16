// SPDX-License-Identifier: Apache-2.0
//
// The mailbox stands between the link and the buses: accesses go in, bursts come out; bursts end, completions go out.
// It owns sessions, the order of accesses, who holds the bus, and the statistics. It knows no bus protocol, does not
// touch the link and never moves time.
//
// Order. One session's accesses start one after the other, in the order they came, whatever port they go to.
// Accesses of different sessions to different ports may overlap, unless one session holds the bus.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access_log.h"
#include "bus_port.h"
#include "job.h"
#include "memories.h"
#include "options.h"
#include "software.h"
#include "streams.h"
#include "timeline.h"

struct Statistics {
    uint64_t reads = 0;
    uint64_t writes = 0;
    uint64_t beats = 0;
    uint64_t errors = 0; // completions that were not OKAY

    uint64_t accesses() const { return reads + writes; }
};

class Mailbox {
public:
    // Takes a reply with a completion, and its access; nullptr if nobody could poll by that: one to a stream, or a
    // string. It may not keep them.
    using Deliver = std::function<void(const trapline_v1_ModelReply &, const Job *)>;
    // Takes an element of a string and its completion, which nobody waits for.
    using Tell = std::function<void(const trapline_v1_Completion &, const Job &)>;

    Mailbox(
        const Options &options, const Timeline &timeline, AccessLog &log, Memories &memories, Deliver deliver,
        Tell tell = [](const auto &, const auto &) {});

    // The link's side. Each returns why it refused, or an empty string.
    std::string open_session(const trapline_v1_OpenSession &session);
    std::string close_session(uint32_t session);
    std::string submit(uint64_t request_id, const trapline_v1_SessionAccess &access);

    // Whether nobody waits for the completion that is being delivered, and others of its session follow.
    bool may_wait() const { return may_wait_; }

    // Between two edges: elements whose turn has come are queued, as accesses that have just been submitted.
    void continue_strings()
    {
        if (!continuing_.empty())
            queue_continuing();
    }

    // The side of the BFMs: see trapline_dpi_pkg.sv. A word has as many bytes as the port's bus.
    std::string open_port(uint32_t port, uint32_t address_bits, uint32_t data_bits, uint32_t max_beats);
    // What says nothing of order goes to the port itself.
    BusPort &port(uint32_t port) { return ports_[port]; }
    bool has_burst(uint32_t port) const { return port < ports_.size() && ports_[port].has_burst(); }
    // Whether there is nothing to do at a port, as in most cycles.
    bool rests(uint32_t port) const { return queue_.empty() && !ports_[port].current; }
    const Burst *next_burst(uint32_t port, bool &write); // nullptr if there is nothing to do
    void end_burst(uint32_t port, trapline_v1_Status status);
    void end_single_beat(uint32_t port, trapline_v1_Status status, const uint8_t *word);
    void time_out(uint32_t port, const std::string &reason);

    // Where the accesses of stream devices go, past the order of all others: a stream is no part of a bus.
    Streams &streams() { return streams_; }
    const Streams &streams() const { return streams_; }

    // Told of what begins and ends on buses, from now on.
    void watch(Software *software) { software_ = software; }
    // nullptr if nobody is.
    Software *software() const { return software_; }

    bool has_sessions() const { return !sessions_.empty(); }

    // Whether an access is under way or only waits for cycles to pass.
    bool wants_time() const
    {
        for (const BusPort &port : ports_) {
            if (port.current)
                return true;
        }
        return (!queue_.empty() && may_any_start()) || (streams_.count() != 0 && streams_.wants_time());
    }

    // Ends the accesses under way as DISCONNECTED and frees stuck ports; what is queued waits. For a reset.
    void cut_off(const std::string &why);

    // Ends everything as DISCONNECTED. For the end of the model.
    void abandon(const std::string &why);

    const Statistics &statistics() const { return statistics_; }

    // The oldest unfinished access in words, empty if there is none.
    std::string pending() const;

private:
    struct Session {
        int32_t pid;
        std::vector<trapline_v1_SessionDevice> devices;
    };

    std::string find_fault_in(const trapline_v1_SessionAccess &request) const;
    std::string find_fault_in_device(const trapline_v1_SessionDevice &device) const;
    std::string submit_to_stream(uint64_t request_id, const trapline_v1_SessionAccess &request,
                                 const trapline_v1_SessionDevice &device);
    void complete_stream(const StreamJob &job, const Streams::Answer &answer);
    JobPointer new_job();
    bool may_start(const Job &job) const;
    bool may_any_start() const;
    JobPointer take_startable(uint32_t port);
    void start(BusPort &port, JobPointer job);
    void go_behind(JobPointer job);
    void finish(BusPort &port, trapline_v1_Status status, const std::string &detail);
    JobPointer end(JobPointer job, trapline_v1_Status status, const std::string &detail);
    void queue_continuing();
    bool is_followed(const Job &job) const;
    void put_completion(const Job &job, trapline_v1_Status status, const std::string &detail);
    void end_not_started(Job &job, trapline_v1_Status status, const std::string &detail);
    void complete(Job &job, trapline_v1_Status status, const std::string &detail);
    void answer_string(const Job &job);

    const Timeline &timeline_;
    AccessLog &log_;
    Memories &memories_;
    const Deliver deliver_;
    const Tell tell_;
    const uint64_t min_cycles_;
    uint64_t earliest_start_ = 0; // cycle before which no access starts (--min-cycles)
    Streams streams_;
    std::map<uint32_t, Session> sessions_;
    std::vector<BusPort> ports_;         // dpi.cc lets only indexes pass that there are
    std::deque<JobPointer> queue_;       // in order of arrival
    std::vector<JobPointer> continuing_; // strings of which an element has just ended
    std::vector<JobPointer> spare_;      // jobs own memory, and are used again
    uint32_t holder_ = 0;                // session that holds the bus, 0 if none
    Statistics statistics_;
    bool may_wait_ = false;
    Software *software_ = nullptr;
    trapline_v1_ModelReply reply_ = trapline_v1_ModelReply_init_zero; // large, hence filled in place
};
