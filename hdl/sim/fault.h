// SPDX-License-Identifier: Apache-2.0
//
// What ended the run: $fatal, $stop, $finish, a failed assertion, a broken bus protocol, the end of simulated time.
// What Verilator's runtime has to say of it comes from runtime_faults.cc.

#pragma once

#include <cstdint>
#include <string>

struct Fault {
    std::string kind;    // "fatal", "stop", "finish", "assertion", "protocol", "time"
    std::string message; // one sentence
    std::string file;    // empty if no line of source is to blame
    uint32_t line = 0;
};

// Thrown out of an evaluation that can't go on, after its fault was recorded.
struct EvaluationAborted {};

// The first fault of the run is kept, what follows from it is not.
void record_fault(const Fault &fault);

// nullptr as long as all is well.
const Fault *recorded_fault();
