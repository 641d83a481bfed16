// SPDX-License-Identifier: Apache-2.0
//
// The C half of the kit: what main.cc is to a model, for a simulator that calls us. It is set up when the library is
// loaded, since BFMs ask at time 0, in any order; the bridge is awaited at the first falling edge.

#include <svdpi.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include "access_log.h"
#include "dma.h"
#include "dma_link.h"
#include "dpi.h"
#include "event_log.h"
#include "fault.h"
#include "host_memory.h"
#include "interrupts.h"
#include "kit_link.h"
#include "kit_simulation.h"
#include "lanes.h"
#include "link.h"
#include "mailbox.h"
#include "memories.h"
#include "options.h"
#include "server.h"

extern "C" {
svBit c_dpi_kit_fall(unsigned long long period_ps, svBit *reset_n);
void c_dpi_kit_rise();
void c_dpi_kit_leave();
}

namespace {

std::string from_environment(const char *name)
{
    const char *text = std::getenv(name);
    return text ? text : "";
}

// Without a bridge the BFMs of a test bench still have ports to open, at most as many as there can be.
std::string flags_without_bridge()
{
    std::string flags;
    for (int i = 0; i < 16; ++i)
        flags += " --port p" + std::to_string(i) + " --manager m" + std::to_string(i) + " --stream s" +
                 std::to_string(i) + "=0";
    for (int i = 0; i < 32; ++i)
        flags += " --interrupt i" + std::to_string(i);
    return flags;
}

// The flags of a model process (options.h), separated by blanks.
Options read_options(const std::string &flags, int link_fd)
{
    std::istringstream words("kit --link-fd " + std::to_string(link_fd) + " " + flags);
    std::vector<std::string> texts;
    for (std::string word; words >> word;)
        texts.push_back(word);
    std::vector<char *> arguments;
    for (std::string &text : texts)
        arguments.push_back(text.data());
    const Options options = parse_options(static_cast<int>(arguments.size()), arguments.data());
    if (options.clocks.size() > 1 || !options.memories.empty() || !options.trace.empty() || !options.coverage.empty()) {
        throw std::invalid_argument(
            "the kit has one clock, no backdoors, and neither waveform nor coverage of its own");
    }
    return options;
}

class Kit {
public:
    Kit(const std::string &link_path, const std::string &flags, int idle_fd)
        : link_path_(link_path),
          options_(read_options(flags, idle_fd)),
          link_(idle_fd),
          log_(options_.log),
          simulation_(options_, timeline_),
          memories_({}, nullptr),
          lanes_(link_),
          mailbox_(options_, timeline_, log_, memories_,
                   [this](const trapline_v1_ModelReply &completion, const Job *) { link_.queue(completion); }),
          events_(options_.events),
          interrupts_(timeline_, options_.interrupts, events_),
          dma_link_(link_),
          memory_([this](uint64_t address, uint32_t size, const uint8_t *to_write, uint8_t *to_read) {
              return dma_link_.ask(address, size, to_write, to_read);
          }),
          dma_(options_, timeline_, memory_, log_, events_,
               [this](const trapline_v1_DmaFault &fault) { dma_link_.report(fault); }),
          server_(link_, mailbox_, simulation_, interrupts_, memory_, dma_, log_, lanes_)
    {
        bind_dpi(&options_, &mailbox_, &interrupts_, &dma_);
    }

    void rise() { simulation_.rise(); }

    // Returns false at the end of the run.
    bool fall(uint64_t period_ps, bool &reset_n)
    {
        if (!begun_)
            begin(period_ps);
        begun_ = true;
        simulation_.end_cycle();
        asked_to_end_ = recorded_fault() || (!link_path_.empty() && !server_.tend());
        if (asked_to_end_)
            return false;
        reset_n = simulation_.fall();
        return true;
    }

    // As a model ends (main.cc). Whoever else ended the simulation is to be named.
    void leave()
    {
        if (!asked_to_end_)
            record_fault({"finish", "$finish was called", "", 0});
        const Fault *fault = recorded_fault();
        if (fault)
            std::fprintf(stderr, "trapline kit: %s\n", fault->message.c_str());
        if (link_path_.empty() || !begun_)
            return;
        server_.end_edge();
        mailbox_.abandon(fault ? "the model ended by itself: " + fault->message : "the model was stopped");
        log_.flush();
        if (fault)
            server_.send_fault(*fault);
        link_.flush();
        link_.leave();
    }

private:
    void begin(uint64_t period_ps)
    {
        simulation_.use_period(period_ps);
        if (link_path_.empty())
            return;
        link_.adopt(await_bridge(link_path_));
        server_.greet(options_);
    }

    const std::string link_path_; // empty: there is no bridge
    const Options options_;
    Timeline timeline_;
    Link link_;
    AccessLog log_;
    KitSimulation simulation_;
    Memories memories_;
    Lanes lanes_;
    Mailbox mailbox_;
    EventLog events_;
    Interrupts interrupts_;
    DmaLink dma_link_;
    HostMemory memory_;
    Dma dma_;
    Server server_;
    bool begun_ = false;
    bool asked_to_end_ = false;
};

std::unique_ptr<Kit> kit;

// No exception may pass into the simulator.
template <typename Result, typename Call>
Result guarded(Result otherwise, Call call)
{
    try {
        if (kit)
            return call(*kit);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "trapline kit: %s\n", error.what());
        kit.reset();
    }
    return otherwise;
}

__attribute__((constructor)) void set_up()
{
    // The link begins as one to nobody.
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return;
    const std::string path = from_environment("TRAPLINE_KIT_LINK");
    const std::string flags = path.empty() ? flags_without_bridge() : from_environment("TRAPLINE_KIT_FLAGS");
    try {
        kit = std::make_unique<Kit>(path, flags, ends[0]);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "trapline kit: %s\n", error.what());
        std::_Exit(2);
    }
}

} // namespace

svBit c_dpi_kit_fall(unsigned long long period_ps, svBit *reset_n)
{
    return guarded<svBit>(0, [&](Kit &kit) {
        bool released = false;
        const bool more = kit.fall(period_ps, released);
        *reset_n = released;
        return static_cast<svBit>(more);
    });
}

void c_dpi_kit_rise()
{
    guarded<int>(0, [](Kit &kit) {
        kit.rise();
        return 0;
    });
}

void c_dpi_kit_leave()
{
    guarded<int>(0, [](Kit &kit) {
        kit.leave();
        return 0;
    });
}
