// SPDX-License-Identifier: Apache-2.0

#include "polls.h"

#include <algorithm>
#include <iterator>
#include <tuple>

bool PollLoop::Seen::operator==(const Seen &other) const
{
    const auto told = [](const Seen &seen) {
        return std::tie(seen.is_write, seen.device, seen.width_bytes, seen.tid, seen.offset, seen.pc, seen.status,
                        seen.data);
    };
    return told(*this) == told(other);
}

// What the session has asked of other models in between is seen by the numbers of its accesses.
uint64_t PollLoop::cycles_before(const Job &job, const trapline_v1_Completion &completion)
{
    if (bounds_.most_cycles == 0)
        return 0;
    const auto *data = completion.data.bytes;
    Seen now{job.is_write,      job.device.handle,
             job.width_bytes,   job.tid,
             job.offset,        job.pc,
             completion.status, {data, data + completion.data.size}};
    const bool is_same = job.seq == last_seq_ + 1 && now == last_;
    const bool is_third = is_same && next_cycles_ != 0;
    last_ = std::move(now);
    last_seq_ = job.seq;
    if (!is_third) {
        next_cycles_ = is_same ? bounds_.first_cycles : 0;
        return 0;
    }
    const uint64_t cycles = std::min(next_cycles_, bounds_.most_cycles);
    next_cycles_ = 2 * cycles;
    return job.is_write ? 0 : cycles;
}

void LateAnswers::answer(const trapline_v1_ModelReply &completion, uint64_t cycles)
{
    if (cycles == 0)
        return deliver_(completion);
    waiting_.push_back(completion);
    const auto own = std::prev(waiting_.end());
    const auto end = [this, own] {
        deliver_(*own);
        waiting_.erase(own);
    };
    if (!simulation_.advance(cycles, end).empty())
        end();
}

void LateAnswers::answer_all()
{
    for (const auto &completion : waiting_)
        deliver_(completion);
    waiting_.clear();
}
