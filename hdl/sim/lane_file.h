// SPDX-License-Identifier: Apache-2.0
//
// The file of mailboxes (trapline/v1/lane.h), mapped, and the bell in its head.

#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "trapline/v1/lane.h"

class LaneFile {
public:
    // Throws std::runtime_error if it can't be mapped or is of another version.
    explicit LaneFile(const std::string &path);
    ~LaneFile();
    LaneFile(const LaneFile &) = delete;
    LaneFile &operator=(const LaneFile &) = delete;

    const std::string &path() const { return path_; }
    lane_slot *slot(uint32_t index);

    // Whether the bell has been rung since `rings` was brought up to date.
    bool has_rung(uint32_t rings) const { return bell() != rings; }
    uint32_t bell() const { return __atomic_load_n(&head_->bell, __ATOMIC_ACQUIRE); }

    // From any thread: ends a sleep.
    void ring();
    // Returns when the bell has been rung since `rings`, or after the limit.
    void sleep(uint32_t rings, const timespec *limit);

private:
    const std::string path_;
    uint8_t *bytes_;
    lane_head *head_;
};
