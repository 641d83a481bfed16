// SPDX-License-Identifier: Apache-2.0

#include "server.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "stop.h"
#include "texts.h"

namespace {

constexpr uint32_t kProtocolVersion = 1;
constexpr uint32_t kCyclesBetweenLooks = 1000;
constexpr uint32_t kCyclesBetweenLooksInRun = 64; // a host waits, and may go on at any moment
constexpr std::chrono::seconds kProgressInterval{1};

// Takes as many texts as fit.
template <size_t Count, size_t N>
void put_texts(char (&targets)[Count][N], pb_size_t &count, const std::vector<std::string> &texts)
{
    count = static_cast<pb_size_t>(std::min(Count, texts.size()));
    for (pb_size_t i = 0; i < count; ++i)
        put_text(targets[i], texts[i]);
}

trapline_v1_ModelReply reply_of(uint64_t id, pb_size_t body)
{
    trapline_v1_ModelReply reply = trapline_v1_ModelReply_init_zero;
    reply.id = id;
    reply.which_body = body;
    return reply;
}

} // namespace

Server::Server(Link &link, Mailbox &mailbox, Simulation &simulation, Interrupts &interrupts, HostMemory &memory,
               Dma &dma, AccessLog &log, Lanes &lanes)
    : link_(link),
      mailbox_(mailbox),
      simulation_(simulation),
      interrupts_(interrupts),
      memory_(memory),
      dma_(dma),
      log_(log),
      lanes_(lanes),
      last_progress_(std::chrono::steady_clock::now())
{
}

void Server::greet(const Options &options)
{
    hello_ = reply_of(0, trapline_v1_ModelReply_hello_tag);
    auto &hello = hello_.body.hello;
    hello.protocol_version = kProtocolVersion;
    put_text(hello.verilator_version, simulation_.simulator());
    for (const auto &port : options.ports)
        put_text(hello.ports[hello.ports_count++], port);
    for (const auto &line : options.interrupts)
        put_text(hello.interrupts[hello.interrupts_count++], line);
    for (const auto &stream : options.streams)
        put_text(hello.streams[hello.streams_count++], stream.first);
    for (const auto &memory : options.memories)
        put_text(hello.memories[hello.memories_count++], memory);
    say_hello();
}

void Server::say_hello()
{
    hello_.body.hello.pid = getpid();
    link_.queue(hello_);
    link_.flush();
}

// ---- when to look at the link

void Server::end_edge()
{
    dma_.store_ended_writes();
    if (interrupts_.any())
        tell_interrupts();
    tell_streams();
    end_run_when_due();
    flush_link();
    release_answers();
}

void Server::flush_link()
{
    has_told_ |= link_.flush();
}

// What hosts learn from the bridge they know by the time at which their next access is answered.
void Server::release_answers()
{
    if (!lanes_.has_answers() || is_passing_)
        return;
    if (!has_told_)
        return lanes_.publish();
    link_.queue(reply_of(++passes_, trapline_v1_ModelReply_pass_tag));
    link_.flush();
    has_told_ = false;
    is_passing_ = true;
}

void Server::end_pass(uint64_t id)
{
    is_passing_ = is_passing_ && id != passes_;
    release_answers();
}

bool Server::tend()
{
    end_edge();
    if (stopping_ || stop_requested())
        return false;
    if (link_.has_deferred() && !serve_received())
        return false;
    lanes_.take(mailbox_);
    if (!wants_time())
        return lanes_.any() ? wait_for_agents() : wait_for_reason();
    const uint32_t unwatched = run_.id == 0 ? kCyclesBetweenLooks : kCyclesBetweenLooksInRun;
    return (++cycles_unwatched_ < unwatched && !lanes_.has_link_something()) || look_at_link();
}

bool Server::wants_time() const
{
    return run_.id != 0 || mailbox_.wants_time() || simulation_.wants_time();
}

bool Server::wait_for_reason()
{
    auto wait = Link::Wait::kForWhile;
    while (!wants_time()) {
        switch (link_.receive(wait)) {
        case Link::Received::kEnd:
            return false;
        case Link::Received::kBytes:
            wait = Link::Wait::kForWhile;
            break;
        case Link::Received::kNothing:
            note_rest();
            wait = Link::Wait::kForEver;
            break;
        }
        if (!serve_received())
            return false;
    }
    cycles_unwatched_ = 0;
    return true;
}

// As wait_for_reason(), where agents may ask something past the link.
bool Server::wait_for_agents()
{
    auto sleep = Lanes::Sleep::kForWhile;
    while (!wants_time()) {
        if (!lanes_.any())
            return wait_for_reason();
        if (lanes_.has_link_something()) {
            if (!look_at_link())
                return false;
            sleep = Lanes::Sleep::kForWhile;
        } else if (!lanes_.look()) {
            link_.flush_all();
            lanes_.sleep(sleep);
            if (sleep == Lanes::Sleep::kForWhile)
                note_rest();
            sleep = Lanes::Sleep::kForEver;
        }
        lanes_.take(mailbox_);
        end_edge();
    }
    cycles_unwatched_ = 0;
    return true;
}

// Nothing was asked for a while.
void Server::note_rest()
{
    log_.flush();
    if (dma_.waits() != told_waits_)
        send_progress();
}

bool Server::look_at_link()
{
    cycles_unwatched_ = 0;
    send_progress_when_due();
    const auto received = link_.receive(Link::Wait::kNot);
    lanes_.note_link_read();
    return received != Link::Received::kEnd && serve_received();
}

bool Server::serve_received()
{
    trapline_v1_ModelRequest request;
    while (!stopping_ && link_.take(request)) {
        serve(request);
        flush_link();
    }
    return !stopping_;
}

// ---- what is asked

void Server::serve(const trapline_v1_ModelRequest &request)
{
    const uint64_t id = request.id;
    const auto &body = request.body;
    switch (request.which_body) {
    case trapline_v1_ModelRequest_open_session_tag:
        return send_done_unless(id, open_session(body.open_session));
    case trapline_v1_ModelRequest_close_session_tag:
        return send_done_unless(id, close_session(body.close_session.session));
    case trapline_v1_ModelRequest_access_tag:
        return serve_access(id, body.access);
    case trapline_v1_ModelRequest_advance_tag:
        return send_refusal_if_any(id, simulation_.advance(body.advance.cycles, [this, id] { send_done(id); }));
    case trapline_v1_ModelRequest_reset_tag:
        return begin_reset(id, body.reset.cycles);
    case trapline_v1_ModelRequest_trace_tag:
        return send_done_unless(id, simulation_.set_trace(body.trace.on));
    case trapline_v1_ModelRequest_statistics_tag:
        return send_statistics(id);
    case trapline_v1_ModelRequest_run_tag:
        return begin_run(id, body.run);
    case trapline_v1_ModelRequest_map_memory_tag:
        return send_done_unless(id, memory_.map(body.map_memory));
    case trapline_v1_ModelRequest_unmap_memory_tag:
        return send_done_unless(id, memory_.unmap(body.unmap_memory.address));
    case trapline_v1_ModelRequest_serve_forks_tag:
        return serve_forks(id, body.serve_forks.path);
    case trapline_v1_ModelRequest_become_fork_tag:
        return send_done_unless(id, become_fork(body.become_fork));
    case trapline_v1_ModelRequest_passed_tag:
        return end_pass(id);
    case trapline_v1_ModelRequest_stop_tag:
        stopping_ = true;
        return send_done(id);
    default:
        return send_refusal(id, "the request has no body that this model knows");
    }
}

std::string Server::open_session(const trapline_v1_OpenSession &session)
{
    const std::string refusal = mailbox_.open_session(session);
    return refusal.empty() ? lanes_.open(session) : refusal;
}

std::string Server::close_session(uint32_t session)
{
    lanes_.close(session);
    return mailbox_.close_session(session);
}

void Server::begin_reset(uint64_t id, uint64_t cycles)
{
    const std::string refusal = simulation_.reset(cycles, [this, id] { send_done(id); });
    if (refusal.empty())
        mailbox_.cut_off("cut off by a reset of the model");
    send_refusal_if_any(id, refusal);
}

void Server::serve_access(uint64_t id, const trapline_v1_SessionAccess &access)
{
    send_refusal_if_any(id, mailbox_.submit(id, access));
}

// ---- time that runs while a host waits

void Server::begin_run(uint64_t id, const trapline_v1_RunModel &run)
{
    end_run();
    if (run.cycles == 0)
        return send_done(id);
    run_ = {id, simulation_.time_after(run.cycles), run.until_interrupt, run.until_written_size != 0};
    memory_.watch(run.until_written_address, run.until_written_size);
}

void Server::end_run()
{
    if (run_.id != 0)
        send_done(run_.id);
    run_ = {};
}

void Server::end_run_when_due()
{
    const bool written = memory_.take_written();
    if (run_.id == 0)
        return;
    if (simulation_.timeline().time_ps >= run_.until_ps || (run_.until_written && written))
        end_run();
}

void Server::tell_interrupts()
{
    for (const auto &edge : interrupts_.take()) {
        auto reply = reply_of(0, trapline_v1_ModelReply_interrupt_tag);
        reply.body.interrupt.line = edge.line;
        reply.body.interrupt.level = edge.level;
        reply.body.interrupt.cycle = edge.cycle;
        reply.body.interrupt.time_ps = edge.time_ps;
        link_.queue_first(reply);
    }
    if (run_.until_interrupt)
        end_run();
}

void Server::tell_streams()
{
    mailbox_.streams().end_edge();
    const auto readable = mailbox_.streams().take_readable();
    for (const uint32_t stream : readable) {
        auto reply = reply_of(0, trapline_v1_ModelReply_stream_readable_tag);
        reply.body.stream_readable.stream = stream;
        reply.body.stream_readable.cycle = simulation_.timeline().cycle;
        reply.body.stream_readable.time_ps = simulation_.timeline().time_ps;
        link_.queue_first(reply);
    }
    if (run_.until_interrupt && !readable.empty())
        end_run();
}

// ---- copies

std::string Server::may_fork() const
{
    const std::string refusal = simulation_.may_fork();
    if (!refusal.empty())
        return refusal;
    if (mailbox_.has_sessions())
        return "a session is open; close it before the model is copied";
    if (!memory_.empty())
        return "memory is mapped; unmap it before the model is copied";
    if (wants_time())
        return "simulated time runs; let it come to rest before the model is copied";
    return "";
}

void Server::serve_forks(uint64_t id, const std::string &path)
{
    std::string refusal = may_fork();
    if (refusal.empty())
        refusal = forks_.listen(path);
    if (!refusal.empty())
        return send_refusal(id, refusal);
    log_.flush();
    send_done(id);
    link_.flush();
    if (!forks_.serve(link_)) {
        stopping_ = true;
        return;
    }
    install_stop_signals(link_.fd());
    say_hello();
    interrupts_.repeat();
    mailbox_.streams().repeat();
}

std::string Server::become_fork(const trapline_v1_BecomeFork &fork)
{
    std::string refusal = fork.output[0] ? print_to(fork.output) : "";
    if (refusal.empty())
        refusal = log_.reopen(fork.log);
    if (refusal.empty())
        refusal = simulation_.name_trace(fork.trace);
    simulation_.name_coverage(fork.coverage);
    if (refusal.empty() && fork.trace[0])
        refusal = simulation_.set_trace(true);
    return refusal;
}

// ---- what is answered

void Server::send_done(uint64_t id)
{
    auto reply = reply_of(id, trapline_v1_ModelReply_done_tag);
    reply.body.done.cycle = simulation_.timeline().cycle;
    reply.body.done.time_ps = simulation_.timeline().time_ps;
    link_.queue(reply);
}

void Server::send_done_unless(uint64_t id, const std::string &refusal)
{
    if (refusal.empty())
        return send_done(id);
    send_refusal(id, refusal);
}

void Server::send_refusal_if_any(uint64_t id, const std::string &why)
{
    if (!why.empty())
        send_refusal(id, why);
}

void Server::send_refusal(uint64_t id, const std::string &why)
{
    auto reply = reply_of(id, trapline_v1_ModelReply_refusal_tag);
    put_text(reply.body.refusal.message, why);
    link_.queue(reply);
}

void Server::send_statistics(uint64_t id)
{
    const Statistics &counted = mailbox_.statistics();
    auto reply = reply_of(id, trapline_v1_ModelReply_statistics_tag);
    auto &statistics = reply.body.statistics;
    statistics.cycle = simulation_.timeline().cycle;
    statistics.time_ps = simulation_.timeline().time_ps;
    statistics.reads = counted.reads;
    statistics.writes = counted.writes;
    statistics.beats = counted.beats;
    statistics.errors = counted.errors;
    put_texts(statistics.dma_waits, statistics.dma_waits_count, dma_.waits());
    link_.queue(reply);
}

void Server::send_progress_when_due()
{
    const auto now = std::chrono::steady_clock::now();
    if (now - last_progress_ < kProgressInterval)
        return;
    last_progress_ = now;
    send_progress();
}

void Server::send_progress()
{
    auto reply = reply_of(0, trapline_v1_ModelReply_progress_tag);
    auto &progress = reply.body.progress;
    progress.cycle = simulation_.timeline().cycle;
    progress.time_ps = simulation_.timeline().time_ps;
    progress.accesses = mailbox_.statistics().accesses();
    put_text(progress.pending, mailbox_.pending());
    told_waits_ = dma_.waits();
    put_texts(progress.dma_waits, progress.dma_waits_count, told_waits_);
    link_.queue(reply);
    flush_link();
}

void Server::send_fault(const Fault &fault)
{
    auto reply = reply_of(0, trapline_v1_ModelReply_fault_tag);
    auto &message = reply.body.fault;
    put_text(message.kind, fault.kind);
    put_text(message.message, fault.message);
    put_path(message.file, fault.file);
    message.line = fault.line;
    message.cycle = simulation_.timeline().cycle;
    message.time_ps = simulation_.timeline().time_ps;
    link_.queue(reply);
}
