// SPDX-License-Identifier: Apache-2.0

#include "server.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "replies.h"
#include "stop.h"
#include "texts.h"

namespace {

constexpr uint32_t kProtocolVersion = 1;
constexpr std::chrono::seconds kProgressInterval{1};

// Takes as many texts as fit.
template <size_t Count, size_t N>
void put_texts(char (&targets)[Count][N], pb_size_t &count, const std::vector<std::string> &texts)
{
    count = static_cast<pb_size_t>(std::min(Count, texts.size()));
    for (pb_size_t i = 0; i < count; ++i)
        put_text(targets[i], texts[i]);
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
    hello.takes_strings = true;
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

// ---- what is asked

void Server::serve(const trapline_v1_ModelRequest &request)
{
    const uint64_t id = request.id;
    const auto &body = request.body;
    switch (request.which_body) {
    case trapline_v1_ModelRequest_open_session_tag:
        return send_done_unless(id, open_session(body.open_session));
    case trapline_v1_ModelRequest_close_session_tag:
        return begin_closing(id, body.close_session.session);
    case trapline_v1_ModelRequest_access_tag:
        return serve_access(id, body.access);
    case trapline_v1_ModelRequest_advance_tag:
        return send_refusal_if_any(id, simulation_.advance(body.advance.cycles, [this, id] { send_done(id); }));
    case trapline_v1_ModelRequest_reset_tag:
        return begin_reset(id, body.reset.cycles);
    case trapline_v1_ModelRequest_trace_tag:
        return send_done_unless(id, simulation_.set_trace(body.trace.on));
    case trapline_v1_ModelRequest_name_code_tag:
        if (mailbox_.software())
            mailbox_.software()->name(body.name_code);
        return send_done(id);
    case trapline_v1_ModelRequest_name_place_tag:
        if (mailbox_.software())
            mailbox_.software()->name(body.name_place);
        return send_done(id);
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
    std::string refusal = mailbox_.open_session(session);
    if (!refusal.empty())
        return refusal;
    refusal = lanes_.open(session);
    if (!refusal.empty())
        mailbox_.close_session(session.session);
    return refusal;
}

// What its agent has asked by a mailbox is carried out first.
void Server::begin_closing(uint64_t id, uint32_t session)
{
    closings_.push_back({id, session});
    end_closings();
}

void Server::end_closings()
{
    const auto end_if_due = [this](const Closing &closing) {
        if (!lanes_.leave(closing.session, mailbox_))
            return false;
        lanes_.close(closing.session);
        send_done_unless(closing.id, mailbox_.close_session(closing.session));
        return true;
    };
    closings_.erase(std::remove_if(closings_.begin(), closings_.end(), end_if_due), closings_.end());
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
