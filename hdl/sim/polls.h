// SPDX-License-Identifier: Apache-2.0
//
// Poll acceleration (trapline/v1/model.proto): who finds the same value again and again is answered late.

#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <vector>

#include "job.h"
#include "simulation.h"
#include "trapline/v1/model.pb.h"

// Whether one session polls. Pure.
class PollLoop {
public:
    PollLoop() = default;
    explicit PollLoop(const trapline_v1_PollAcceleration &bounds) : bounds_(bounds) {}

    // Of each access of the session that is answered, in their order; 0: the answer is not late.
    uint64_t cycles_before(const Job &job, const trapline_v1_Completion &completion);

private:
    // The access before, and what came.
    struct Seen {
        bool is_write = false;
        uint32_t device = 0;
        uint32_t width_bytes = 0;
        uint32_t tid = 0;
        uint64_t offset = 0;
        uint64_t pc = 0;
        trapline_v1_Status status = trapline_v1_Status_STATUS_UNSPECIFIED;
        std::vector<uint8_t> data;

        bool operator==(const Seen &other) const;
    };

    trapline_v1_PollAcceleration bounds_ = trapline_v1_PollAcceleration_init_zero;
    Seen last_;
    uint64_t last_seq_ = 0;
    uint64_t next_cycles_ = 0; // 0: the access before was the first of its kind
};

// Completions that wait until cycles have passed.
class LateAnswers {
public:
    using Deliver = std::function<void(const trapline_v1_ModelReply &)>;

    LateAnswers(Simulation &simulation, Deliver deliver) : simulation_(simulation), deliver_(std::move(deliver)) {}

    // At once if there are no cycles to wait for, or not so many left.
    void answer(const trapline_v1_ModelReply &completion, uint64_t cycles);
    // For the end of the model.
    void answer_all();

private:
    Simulation &simulation_;
    const Deliver deliver_;
    std::list<trapline_v1_ModelReply> waiting_;
};
