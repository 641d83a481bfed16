// SPDX-License-Identifier: Apache-2.0
//
// The model's side of the shm lane (trapline/v1/lane.h): takes accesses out of the mailboxes of sessions, gives answers
// back, and waits for the next. What of that the bridge is to hear of is queued for the link. It knows neither buses
// nor time.
//
// What agents write into memory that is shared is read once, and looked over like a message.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lane_file.h"
#include "link.h"
#include "link_watcher.h"
#include "mailbox.h"
#include "polls.h"
#include "trapline/v1/model.pb.h"

class Lanes {
public:
    explicit Lanes(Link &link) : link_(link) {}
    ~Lanes();

    // Returns why it refused, or an empty string.
    std::string open(const trapline_v1_OpenSession &session);
    // Its agent is gone: takes what that has left in the mailbox, and nothing more. Returns whether all is answered.
    bool leave(uint32_t session, Mailbox &mailbox);
    void close(uint32_t session);
    // Whether agents may ask anything.
    bool any() const { return !boxes_.empty(); }

    // Whether the id of a completion is one of ours.
    static bool is_own(uint64_t id) { return (id & kOwn) != 0; }

    // Submits what agents have asked since. What is no access is answered with DISCONNECTED.
    void take(Mailbox &mailbox)
    {
        if (any() && file_->has_rung(rings_))
            take_all(mailbox);
    }
    // Of each access that is answered: how many cycles are to pass before its agent gets the answer.
    uint64_t cycles_before(const Job &job, const trapline_v1_Completion &completion);
    // An element of a string has ended.
    void note_element(const Job &element, const trapline_v1_Completion &completion);
    // The answer waits until it is published.
    void complete(const trapline_v1_ModelReply &completion);
    bool has_answers() const { return !answered_.empty(); }
    void publish() { publish(answered_); }
    // The answers that there are wait for publish_held(); nothing may be held yet.
    void hold() { held_.swap(answered_); }
    void publish_held() { publish(held_); }
    void publish_all();

    // Whether the link has something to be read, and that it has been read.
    bool has_link_something() const { return watcher_ && watcher_->has_seen(); }
    void note_link_read();

    // Looks for a while whether the bell rings, where that helps: whether it has.
    bool look() const;
    // Sleeps until it has, 100 ms or a second at most: whether it has. Anything may end it early. Never for ever, for
    // who writes over the bell takes its ringing with it.
    enum class Sleep {
        kForWhile,
        kLong,
    };
    bool sleep(Sleep sleep);

private:
    static constexpr uint64_t kOwn = uint64_t{1} << 63;

    // As lane_answer has them. Nobody can write over these.
    struct Counts {
        uint64_t reads = 0, writes = 0, polls = 0, poll_cycles = 0;
    };

    struct Box {
        lane_slot *slot = nullptr;
        uint32_t turn = 0; // of the request that was taken last
        bool is_under_way = false;
        bool is_leaving = false;
        bool observes_all = false;
        Counts counts;
        PollLoop loop;
        std::vector<trapline_v1_SessionDevice> devices;                          // that are on a bus
        trapline_v1_SessionAccess request = trapline_v1_SessionAccess_init_zero; // under way, or the last

        const trapline_v1_SessionDevice *find(uint32_t handle) const; // nullptr if there is none
    };

    void take_all(Mailbox &mailbox);
    void take_from(Box &box, Mailbox &mailbox);
    void publish(std::vector<Box *> &answers);
    void publish_turn(Box &box);
    static void show_counts(Box &box);
    void answer(Box &box, const trapline_v1_Completion &completion);
    void note(Box &box, const trapline_v1_Access &access, const trapline_v1_Completion &completion);
    bool is_worth_telling(const Box &box, const trapline_v1_Access &access,
                          const trapline_v1_Completion &completion) const;
    void tell(const Box &box, const trapline_v1_Access &access, const trapline_v1_Completion &completion);
    void leave_processor_of(uint32_t agent_cpu);

    Link &link_;
    std::unique_ptr<LaneFile> file_;
    std::unique_ptr<LinkWatcher> watcher_;
    std::map<uint32_t, Box> boxes_;     // by session
    std::vector<Box *> answered_;       // not published yet
    std::vector<Box *> held_;           // likewise, until the bridge knows what came before them
    uint32_t rings_ = 0;                // of the bell that have been looked after
    uint32_t agent_cpu_ = 0;            // on which the agent ran that asked last
    uint32_t together_ = 0, apart_ = 0; // accesses in a row with model and agent on one processor, and on two
    uint32_t patience_ = 1;             // after how many together the model leaves
    trapline_v1_Access element_ = trapline_v1_Access_init_zero;          // large, hence filled in place
    trapline_v1_ModelReply observed_ = trapline_v1_ModelReply_init_zero; // likewise
};
