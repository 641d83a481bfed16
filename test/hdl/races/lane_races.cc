// SPDX-License-Identifier: Apache-2.0
//
// lane_races FILE SEED ACCESSES
// The model's side of the shm lane and the agents' in one process, so that ThreadSanitizer sees both: the server with
// its watcher, agents that write, post and read words of their own, and a bridge that asks, opens and closes sessions
// meanwhile. FILE is made. All map it at the same place (LaneFile's mmap is ours here). The RTL is an array.
#include <fcntl.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "access_log.h"
#include "dma.h"
#include "dma_link.h"
#include "event_log.h"
#include "host_memory.h"
#include "interrupts.h"
#include "lanes.h"
#include "link.h"
#include "mailbox.h"
#include "memories.h"
#include "polls.h"
#include "server.h"
#include "simulation.h"

extern "C" {
#include "lane/mailbox.h"
}

namespace {

constexpr uint32_t kAgents = 3, kWords = 16, kDevice = 1;
uint8_t *mapped;

struct Array final : Simulation {
    Array(const Options &options, Timeline &timeline) : Simulation(options, timeline) {}
    std::string simulator() const override { return "none"; }
    std::string set_trace(bool) override { return ""; }
    std::string name_trace(const std::string &) override { return ""; }
    void name_coverage(const std::string &) override {}
    std::string may_fork() const override { return "no"; }
    void rise()
    {
        ++timeline_.cycle;
        timeline_.time_ps += 10'000;
        end_rising_edge();
    }
};

void fail(const char *what)
{
    std::fprintf(stderr, "lane_races: %s\n", what);
    std::_Exit(1);
}

// One access of a word at a time, as BFMs do them.
void serve(int fd)
{
    Options options;
    options.link_fd = fd;
    options.ports = {"s"};
    Link link(fd);
    AccessLog log("");
    Timeline timeline;
    Array simulation(options, timeline);
    Memories memories({}, nullptr);
    Lanes lanes(link);
    LateAnswers late(simulation, [&](const trapline_v1_ModelReply &completion) { lanes.complete(completion); });
    Mailbox mailbox(options, timeline, log, memories, [&](const trapline_v1_ModelReply &completion, const Job *job) {
        late.answer(completion, lanes.cycles_before(*job, completion.body.completion));
    });
    EventLog events("");
    Interrupts interrupts(timeline, options.interrupts, events);
    DmaLink dma_link(link);
    HostMemory memory([](uint64_t, uint32_t, const uint8_t *, uint8_t *) { return false; });
    Dma dma(options, timeline, memory, log, events, [](const trapline_v1_DmaFault &) {});
    Server server(link, mailbox, simulation, interrupts, memory, dma, log, lanes);
    std::array<uint8_t[4], kAgents * kWords> words{};

    const std::string refusal = mailbox.open_port(0, 32, 32, 1);
    if (!refusal.empty())
        fail(refusal.c_str());
    server.greet(options);
    while (server.tend()) {
        simulation.rise();
        bool write = false;
        const Burst *burst = mailbox.next_burst(0, write);
        if (!burst)
            continue;
        uint8_t *word = words.at(burst->address / 4 % words.size());
        if (write)
            std::memcpy(word, mailbox.port(0).current->data.data(), 4);
        mailbox.end_single_beat(0, trapline_v1_Status_STATUS_OKAY, word);
    }
    lanes.publish_all();
}

// ---- agents

bool is_never_lost()
{
    return false;
}

trapline_v1_Completion transact(mailbox &box, trapline_v1_Access &access)
{
    static thread_local trapline_v1_Completion completion;
    mailbox_put(&box, &access);
    if (!mailbox_wait(&box, &access, &completion, is_never_lost))
        fail("the model went away");
    if (completion.status != trapline_v1_Status_STATUS_OKAY)
        fail(completion.detail);
    return completion;
}

void ask(uint32_t agent, uint32_t seed, unsigned accesses)
{
    auto *slot = reinterpret_cast<lane_slot *>(mapped + LANE_SLOT_AT(agent));
    mailbox box{reinterpret_cast<lane_head *>(mapped), slot, agent + 1, false};
    while (!mailbox_is_open(&box))
        std::this_thread::yield();
    std::minstd_rand random(seed + agent);
    trapline_v1_Access access = trapline_v1_Access_init_zero;
    std::array<uint32_t, kWords> known{};
    access.device = kDevice;
    access.width_bytes = 4;
    bool is_posted = false;
    for (unsigned i = 0; i < accesses; ++i) {
        const uint32_t word = random() % kWords, value = random();
        access.offset = 4 * (kWords * agent + word);
        ++access.seq;
        access.operation = random() % 2 ? trapline_v1_Operation_OPERATION_WRITE : trapline_v1_Operation_OPERATION_READ;
        const bool is_write = access.operation == trapline_v1_Operation_OPERATION_WRITE;
        access.data.size = is_write ? 4 : 0;
        std::memcpy(access.data.bytes, &value, 4);
        access.posted = is_write && random() % 4 == 0;
        if (is_posted) {
            static thread_local trapline_v1_Access before;
            static thread_local trapline_v1_Completion answer;
            mailbox_look_up(&box, &before);
            if (!mailbox_wait(&box, &before, &answer, is_never_lost))
                fail("the model went away");
        }
        is_posted = access.posted;
        if (is_posted) {
            mailbox_put(&box, &access);
        } else {
            const auto &answer = transact(box, access);
            if (!is_write && std::memcmp(answer.data.bytes, &known[word], 4) != 0)
                fail("a word is another one");
        }
        if (is_write)
            known[word] = value;
        if (random() % 512 == 0)
            usleep(random() % 2000); // so that either side sleeps now and then
    }
    if (is_posted) {
        static thread_local trapline_v1_Completion answer;
        mailbox_wait(&box, &access, &answer, is_never_lost);
    }
}

// ---- the bridge

std::mutex saying;

void say(int fd, const trapline_v1_ModelRequest &request)
{
    const std::lock_guard<std::mutex> lock(saying);
    static uint8_t bytes[sizeof(trapline_v1_ModelRequest) + 4096];
    pb_ostream_t stream = pb_ostream_from_buffer(bytes + 4, sizeof bytes - 4);
    if (!pb_encode(&stream, trapline_v1_ModelRequest_fields, &request))
        fail("a request can't be encoded");
    const auto length = static_cast<uint32_t>(stream.bytes_written);
    std::memcpy(bytes, &length, 4);
    if (send(fd, bytes, 4 + length, MSG_NOSIGNAL) != static_cast<ssize_t>(4 + length))
        fail("the link takes no request");
}

void open_session(int fd, uint64_t id, uint32_t session, uint32_t slot, const char *path)
{
    static trapline_v1_ModelRequest request;
    request = trapline_v1_ModelRequest_init_zero;
    request.id = id;
    request.which_body = trapline_v1_ModelRequest_open_session_tag;
    auto &open = request.body.open_session;
    open.session = session;
    open.devices_count = 1;
    open.devices[0].handle = kDevice;
    open.devices[0].size = 4096;
    std::strcpy(open.devices[0].name, "words");
    open.has_lane = true;
    std::strcpy(open.lane.path, path);
    open.lane.slot = slot;
    open.lane.observe_all = session % 2 == 0;
    open.lane.has_polls = session % 3 == 0;
    open.lane.polls = {16, 64};
    say(fd, request);
}

void say_simply(int fd, uint64_t id, pb_size_t body, uint32_t session = 0)
{
    static thread_local trapline_v1_ModelRequest request;
    request = trapline_v1_ModelRequest_init_zero;
    request.id = id;
    request.which_body = body;
    if (body == trapline_v1_ModelRequest_close_session_tag)
        request.body.close_session.session = session;
    else if (body == trapline_v1_ModelRequest_advance_tag)
        request.body.advance.cycles = 5;
    say(fd, request);
}

// Sessions of nobody come and go in a further mailbox, while those of the agents stay.
void orchestrate(int fd, const char *path, const std::atomic<bool> &are_done)
{
    uint64_t id = 0;
    for (uint32_t agent = 0; agent < kAgents; ++agent)
        open_session(fd, ++id, agent + 1, agent, path);
    for (uint32_t session = kAgents + 1; !are_done; ++session) {
        open_session(fd, ++id, session, kAgents, path);
        say_simply(fd, ++id, trapline_v1_ModelRequest_statistics_tag);
        say_simply(fd, ++id, trapline_v1_ModelRequest_advance_tag);
        usleep(2000);
        say_simply(fd, ++id, trapline_v1_ModelRequest_close_session_tag, session);
    }
    for (uint32_t agent = 0; agent < kAgents; ++agent)
        say_simply(fd, ++id, trapline_v1_ModelRequest_close_session_tag, agent + 1);
    say_simply(fd, ++id, trapline_v1_ModelRequest_stop_tag);
}

bool receive(int fd, uint8_t *bytes, size_t count)
{
    return recv(fd, bytes, count, MSG_WAITALL) == static_cast<ssize_t>(count);
}

// Answers are held back until the bridge has heard what was said before them.
void listen(int fd)
{
    static uint8_t bytes[65536];
    static trapline_v1_ModelReply reply;
    uint32_t length = 0;
    while (receive(fd, reinterpret_cast<uint8_t *>(&length), sizeof length) && length <= sizeof bytes &&
           receive(fd, bytes, length)) {
        pb_istream_t stream = pb_istream_from_buffer(bytes, length);
        if (!pb_decode(&stream, trapline_v1_ModelReply_fields, &reply))
            fail("a reply can't be decoded");
        if (reply.which_body == trapline_v1_ModelReply_refusal_tag)
            fail(reply.body.refusal.message);
        if (reply.which_body == trapline_v1_ModelReply_pass_tag)
            say_simply(fd, reply.id, trapline_v1_ModelRequest_passed_tag);
    }
}

uint8_t *make(const char *path)
{
    const size_t size = LANE_SLOT_AT(LANE_SLOTS);
    const int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, static_cast<off_t>(size)) != 0)
        fail("the file can't be made");
    void *bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    static_cast<lane_head *>(bytes)->version = LANE_VERSION;
    return static_cast<uint8_t *>(bytes);
}

} // namespace

// Of lane_file.cc alone: see the Makefile.
extern "C" void *shared_mmap(void *, size_t, int, int, int, off_t)
{
    return mapped;
}

extern "C" int shared_munmap(void *, size_t)
{
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage: lane_races FILE SEED ACCESSES");
    mapped = make(argv[1]);
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        fail("there is no socket");
    std::atomic<bool> are_done{false};
    std::thread model([&] {
        serve(ends[0]);
        close(ends[0]);
    });
    std::thread bridge([&] { orchestrate(ends[1], argv[1], are_done); });
    std::thread listener([&] { listen(ends[1]); });
    std::vector<std::thread> agents;
    for (uint32_t agent = 0; agent < kAgents; ++agent)
        agents.emplace_back(ask, agent, std::atoi(argv[2]), std::atoi(argv[3]));
    for (auto &agent : agents)
        agent.join();
    are_done = true;
    for (std::thread *each : {&bridge, &model, &listener})
        each->join();
    std::puts("all words are as they were written");
}
