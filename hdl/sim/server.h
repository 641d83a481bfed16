// SPDX-License-Identifier: Apache-2.0
//
// The server carries out what the bridge asks over the link, by calling the mailbox and the simulation, and decides
// when to wait for the link: while nobody wants time, it waits, so that time stands still.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "dma.h"
#include "fault.h"
#include "fork_server.h"
#include "host_memory.h"
#include "interrupts.h"
#include "lanes.h"
#include "link.h"
#include "mailbox.h"
#include "options.h"
#include "simulation.h"

class Server {
public:
    Server(Link &link, Mailbox &mailbox, Simulation &simulation, Interrupts &interrupts, HostMemory &memory, Dma &dma,
           AccessLog &log, Lanes &lanes);

    // Says Hello.
    void greet(const Options &options);

    // Called before each clock cycle. Returns whether there is a reason for the cycle; false means stop.
    bool tend();

    // Lets everything go that the last edge has brought forth, and nothing before it: what the RTL wrote is in memory,
    // then interrupts are told, then completions.
    void end_edge();

    void send_fault(const Fault &fault);

private:
    void say_hello();
    bool is_edge_quiet() const;
    bool wants_time() const;
    bool wait_for_reason();
    bool wait_for_bridge();
    bool wait_for_agents();
    bool look_at_link();
    bool serve_received();
    void note_rest();
    void flush_link();
    void release_answers();
    void end_pass(uint64_t id);
    void serve(const trapline_v1_ModelRequest &request);
    std::string open_session(const trapline_v1_OpenSession &session);
    void begin_closing(uint64_t id, uint32_t session);
    void end_closings();
    void begin_reset(uint64_t id, uint64_t cycles);
    void serve_access(uint64_t id, const trapline_v1_SessionAccess &access);
    void begin_run(uint64_t id, const trapline_v1_RunModel &run);
    void end_run();
    void end_run_when_due();
    std::string may_fork() const;
    void serve_forks(uint64_t id, const std::string &path);
    std::string become_fork(const trapline_v1_BecomeFork &fork);
    void tell_interrupts();
    void tell_streams();
    void send_done(uint64_t id);
    void send_refusal_if_any(uint64_t id, const std::string &why);
    void send_done_unless(uint64_t id, const std::string &refusal);
    void send_refusal(uint64_t id, const std::string &why);
    void send_statistics(uint64_t id);
    void send_progress_when_due();
    void send_progress();

    Link &link_;
    Mailbox &mailbox_;
    Simulation &simulation_;
    Interrupts &interrupts_;
    HostMemory &memory_;
    Dma &dma_;
    AccessLog &log_;
    Lanes &lanes_;
    struct Run {
        uint64_t id = 0; // 0 while no RunModel is under way
        uint64_t until_ps = 0;
        bool until_interrupt = false;
        bool until_written = false; // to the range that memory_ watches
    } run_;
    struct Closing {
        uint64_t id;
        uint32_t session;
    };
    std::vector<Closing> closings_; // whose last accesses are under way
    ForkServer forks_;
    trapline_v1_ModelReply hello_ = trapline_v1_ModelReply_init_zero; // said again by each copy
    bool has_told_ = false;   // something, since the bridge was last known to have heard all
    uint64_t passes_ = 0;     // that were asked for
    bool is_passing_ = false; // the last of them is due
    bool stopping_ = false;
    uint32_t cycles_unwatched_ = 0; // since the link was looked at
    std::chrono::steady_clock::time_point last_progress_;
    std::vector<std::string> told_waits_; // the last that was said of what manager ports wait for
};
