// SPDX-License-Identifier: Apache-2.0
//
// One port of the design that a manager BFM drives: the shape of its bus, the access under way there and its beats.
// It knows no order of accesses, no session and no link: those are the mailbox's.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bursts.h"
#include "job.h"

using JobPointer = std::unique_ptr<Job>;

struct BusPort {
    std::string name;
    uint32_t address_bits = 0; // 0 until its BFM has registered
    BusShape bus;
    std::string missing_strobes; // their name, where writes of less than a word are refused for want of them
    JobPointer current;
    // So many beats of the burst under way are still to come that are whole words, all of them wanted by the access:
    // a copy has no others. The next one's bytes are those of the access from here on.
    uint32_t plain_beats = 0;
    uint64_t plain_from = 0;
    std::vector<uint8_t> unknown; // bits of the next beat's word that are neither 0 nor 1; empty if there are none
    std::string stuck;            // the access that wedged the bus, in words; empty while the bus is sound

    // Why no bus is like that, or an empty string.
    std::string open(uint32_t address_width, uint32_t data_width, uint32_t max_beats);
    // Beats are naturally aligned, and no burst crosses a multiple of `boundary` bytes; neither if that is 0.
    void align(bool write_strobes, uint32_t boundary);

    // Why the access can't go to this bus, or an empty string; and the bursts of one that can.
    std::string reach_error(const Job &job) const;
    std::vector<Burst> bursts_of(const Job &job) const;

    // Whether a burst is under way: what is said of its beats, or its end, belongs to it.
    bool has_burst() const { return current && current->bursts_begun > 0; }
    bool has_more_bursts() const { return current && current->bursts_begun < current->bursts.size(); }
    // The next burst of the access under way, which has more.
    const Burst &begin_burst();
    // Carries the burst under way, each beat once in ascending order. A word has as many bytes as the bus, room for
    // the widest, and nothing in its other lanes.
    void write_beat(uint8_t *word, uint8_t *strobe);
    void read_beat(trapline_v1_Status status, const uint8_t *word);
    // Before the beat that they belong to; as wide as the widest word.
    void note_unknown(const uint8_t *bits);
    void end_burst(trapline_v1_Status status);
    // Carries a burst of one beat, whose word has been asked for before, whatever it was.
    void read_only_beat(const uint8_t *word);

    // The access's bytes of the next beat, which is behind then; nullptr if it is not plain.
    uint8_t *pass_plain_beat();
    // The beat's word has been gathered: whether unknown bits of it are what the access asks for.
    void judge_unknown();

    // What the bus answered to the access under way, in words.
    std::string bus_error() const;
    std::string answer_in_words() const;
};
