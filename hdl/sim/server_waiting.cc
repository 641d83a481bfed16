// SPDX-License-Identifier: Apache-2.0
//
// The server between two edges: what goes out, when the link and the mailboxes are looked at, and how it waits where
// nobody wants time.

#include "replies.h"
#include "server.h"
#include "stop.h"

namespace {

constexpr uint32_t kCyclesBetweenLooks = 1000;
constexpr uint32_t kCyclesBetweenLooksInRun = 64; // a host waits, and may go on at any moment

} // namespace

// Whether end_edge() has nothing to do, as after most edges.
inline bool Server::is_edge_quiet() const
{
    return run_.id == 0 && !link_.has_queued() && !interrupts_.any() && !dma_.has_ended_writes() &&
           mailbox_.streams().count() == 0 && !lanes_.has_answers() && closings_.empty();
}

void Server::end_edge()
{
    dma_.store_ended_writes();
    if (interrupts_.any())
        tell_interrupts();
    if (mailbox_.streams().count() != 0)
        tell_streams();
    if (run_.id != 0)
        end_run_when_due();
    flush_link();
    release_answers();
    if (!closings_.empty()) {
        end_closings();
        flush_link();
    }
}

void Server::flush_link()
{
    has_told_ |= link_.flush();
}

// What hosts learn from the bridge they know by the time at which their next access is answered. What is told after an
// answer does not hold it up, else an interrupt that never rests would do so for ever.
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
    lanes_.hold();
}

void Server::end_pass(uint64_t id)
{
    if (!is_passing_ || id != passes_)
        return;
    is_passing_ = false;
    lanes_.publish_held();
    release_answers();
}

bool Server::tend()
{
    if (!is_edge_quiet())
        end_edge();
    if (stopping_ || stop_requested())
        return false;
    // What came right behind an answer that was waited for has been received with it.
    if (link_.has_message() && !serve_received())
        return false;
    mailbox_.continue_strings();
    lanes_.take(mailbox_);
    if (!wants_time())
        return wait_for_reason();
    const uint32_t unwatched = run_.id == 0 ? kCyclesBetweenLooks : kCyclesBetweenLooksInRun;
    return (++cycles_unwatched_ < unwatched && !lanes_.has_link_something()) || look_at_link();
}

bool Server::wants_time() const
{
    return run_.id != 0 || simulation_.wants_time() || mailbox_.wants_time();
}

// What is heard on the way may change who has to be listened to.
bool Server::wait_for_reason()
{
    while (!wants_time()) {
        if (!(lanes_.any() ? wait_for_agents() : wait_for_bridge()))
            return false;
    }
    cycles_unwatched_ = 0;
    return true;
}

bool Server::wait_for_bridge()
{
    auto wait = Link::Wait::kForWhile;
    while (!wants_time() && !lanes_.any()) {
        if (link_.has_message()) {
            if (!serve_received())
                return false;
            continue;
        }
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
    return true;
}

// As wait_for_bridge(), where agents may ask something past the link.
bool Server::wait_for_agents()
{
    auto sleep = Lanes::Sleep::kForWhile;
    while (!wants_time() && lanes_.any()) {
        if (link_.has_message() || lanes_.has_link_something()) {
            if (!look_at_link())
                return false;
            sleep = Lanes::Sleep::kForWhile;
        } else if (!lanes_.look()) {
            link_.flush_all();
            if (!lanes_.sleep(sleep)) {
                note_rest();
                sleep = Lanes::Sleep::kLong;
            }
        }
        lanes_.take(mailbox_);
        end_edge();
    }
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
