// SPDX-License-Identifier: Apache-2.0
//
// The AXI4-Stream ports of the design: pieces of packets go in and out between the link and the stream BFMs. Owns what
// has come and nobody has read yet. It knows no sessions, does not touch the link and never moves time.
//
// A write ends when the design has taken its last beat; a read when a packet is whole, or as many bytes are there as
// its host wants. Either is answered as it is when nothing has moved for as many cycles as its patience says.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "access_log.h"
#include "options.h"
#include "timeline.h"

// One access of a stream device, from its arrival to its answer.
struct StreamJob {
    uint64_t request_id = 0;
    uint32_t session = 0;
    int32_t pid = 0;
    std::string device;

    // Of trapline.v1.Access.
    uint64_t seq = 0;
    bool is_write = false;
    uint32_t width_bytes = 0;
    uint32_t patience_cycles = 0;
    bool packet_end = false; // of a read: found
    uint32_t wanted_bytes = 0;
    uint32_t tid = 0;
    uint64_t pc = 0;
    uint32_t stack = 0;

    std::vector<uint8_t> data; // to be written, or what the read has brought
    uint32_t taken = 0;        // bytes that the BFM has pulled
    uint32_t beats = 0;
    uint64_t moved_at = 0;    // cycle in which something went on
    uint64_t cycle_start = 0; // of the first beat; 0 while there is none
    uint64_t cycle_end = 0, time_ps = 0;
};

class Streams {
public:
    struct Answer {
        trapline_v1_Status status = trapline_v1_Status_STATUS_OKAY;
        std::string detail;
        std::string port;
        bool is_pending = false;
        bool is_readable = false;
    };
    using Deliver = std::function<void(const StreamJob &, const Answer &)>;

    Streams(const Options &options, const Timeline &timeline, Deliver deliver);

    size_t count() const { return ports_.size(); }

    // The link's side. Refuses, with a sentence, what is no piece of a packet of stream `index`.
    std::string submit(uint32_t index, StreamJob job);

    // The side of the BFMs: see trapline_dpi_pkg.sv. Bytes are of a whole beat, a bit of `keep` for each.
    std::string open(uint32_t index, bool written, uint32_t data_bits, bool whole_beats, bool packets);
    bool is_open(uint32_t index, bool written) const
    {
        return index < ports_.size() && ports_[index].is_open && ports_[index].is_written == written;
    }
    bool is_used(uint32_t index) const { return index < ports_.size() && ports_[index].buffer > 0; }
    bool has_beat(uint32_t index) const;
    bool next_beat(uint32_t index, uint8_t *bytes, uint8_t *keep, bool &last);
    void end_beat(uint32_t index);
    void time_out(uint32_t index, const std::string &reason);
    bool has_room(uint32_t index) const;
    void take_beat(uint32_t index, const uint8_t *bytes, const uint8_t *keep, const uint8_t *strobe, bool last);

    // When all that belongs to an edge has happened: answers what is due.
    void end_edge();
    // The streams that have become readable since the last call; after end_edge().
    std::vector<uint32_t> take_readable();
    // Tells of those that are readable again, to a bridge that knows none of what was.
    void repeat();

    bool wants_time() const;

    // Ends the accesses under way as DISCONNECTED, drops what has come, and frees stuck streams. For a reset and the
    // end.
    void cut_off(const std::string &why);

    // The oldest unfinished access in words, empty if there is none.
    std::string pending() const;

private:
    struct Beat {
        uint32_t bytes; // not read yet
        bool last;
        uint64_t cycle, time_ps;
    };
    struct Port {
        std::string name;
        uint64_t buffer = 0; // bytes; 0 if no host reads it
        bool is_open = false;
        bool is_written = false;
        bool whole_beats = false;
        bool has_packets = false;
        uint32_t beat_bytes = 0;

        std::deque<StreamJob> writers, readers;
        std::string stuck;       // what wedged it, in words; empty while it is sound
        bool is_offered = false; // a beat that the design has not taken
        uint64_t offered_at = 0;

        std::deque<uint8_t> bytes; // of `beats`
        std::deque<Beat> beats;
        uint32_t packets = 0; // beats that are the last of theirs
        uint64_t wanted = 0;  // by the read that was answered with nothing; 0: by none
        bool is_told = false; // that it is readable
    };

    std::string find_fault_in(const Port &port, const StreamJob &job) const;
    bool is_full(const Port &port) const;
    bool is_readable(const Port &port, uint64_t wanted) const;
    void give(Port &port, StreamJob &job);
    void answer_readers(Port &port);
    void answer_writers(Port &port);
    void answer(Port &port, std::deque<StreamJob> &queue, trapline_v1_Status status, const std::string &detail);
    bool is_spent(const StreamJob &job) const;

    const Timeline &timeline_;
    const Deliver deliver_;
    std::vector<Port> ports_;
    std::vector<uint32_t> readable_;
};

// "write of 64 bytes to stream rx"
std::string describe(const StreamJob &job);
