// SPDX-License-Identifier: Apache-2.0

#include "mailbox.h"

#include <algorithm>
#include <cstring>
#include <utility>

Mailbox::Mailbox(const Options& options, const Timeline& timeline, AccessLog& log, Deliver deliver)
    : timeline_(timeline), log_(log), deliver_(std::move(deliver)), min_cycles_(options.min_cycles) {
  for (const auto& name : options.ports) {
    ports_.emplace_back();
    ports_.back().name = name;
  }
}

// ---- the link's side

std::string Mailbox::open_session(const trapline_v1_OpenSession& request) {
  if (request.session == 0) return "a session's number is never 0";
  if (sessions_.count(request.session)) return "session " + std::to_string(request.session) + " is open already";
  Session session{request.pid, {request.devices, request.devices + request.devices_count}};
  for (const auto& device : session.devices) {
    if (device.port >= ports_.size()) {
      return "device " + std::string(device.name) + " lies on port " + std::to_string(device.port) +
             ", but the model has only " + std::to_string(ports_.size());
    }
  }
  sessions_.emplace(request.session, std::move(session));
  return "";
}

std::string Mailbox::close_session(uint32_t session) {
  if (!sessions_.erase(session)) return "session " + std::to_string(session) + " is not open";
  if (holder_ == session) holder_ = 0;
  return "";
}

std::string Mailbox::submit(uint64_t request_id, const trapline_v1_SessionAccess& request) {
  const std::string fault = find_fault_in(request);
  if (!fault.empty()) return fault;
  const Session& session = sessions_.at(request.session);
  Job job;
  job.request_id = request_id;
  job.session = request.session;
  job.pid = session.pid;
  job.access = request.access;
  job.device = *std::find_if(session.devices.begin(), session.devices.end(),
                             [&](const auto& device) { return device.handle == request.access.device; });
  queue_.push_back(std::move(job));
  return "";
}

std::string Mailbox::find_fault_in(const trapline_v1_SessionAccess& request) const {
  const auto found = sessions_.find(request.session);
  if (found == sessions_.end()) return "session " + std::to_string(request.session) + " is not open";
  const auto& access = request.access;
  const auto& devices = found->second.devices;
  if (std::none_of(devices.begin(), devices.end(), [&](const auto& d) { return d.handle == access.device; })) {
    return "session " + std::to_string(request.session) + " has no device " + std::to_string(access.device);
  }
  const bool write = access.operation == trapline_v1_Operation_OPERATION_WRITE;
  if (!write && access.operation != trapline_v1_Operation_OPERATION_READ) return "an access is a read or a write";
  if (access.width_bytes < 1 || access.width_bytes > sizeof access.data.bytes) {
    return "an access has 1 to 64 bytes, not " + std::to_string(access.width_bytes);
  }
  const uint32_t expected = write ? access.width_bytes : 0;
  if (access.data.size != expected) {
    return "the access carries " + std::to_string(access.data.size) + " bytes of data instead of " +
           std::to_string(expected);
  }
  return "";
}

// ---- the side of the BFMs

std::string Mailbox::open_port(uint32_t port, uint32_t address_bits, uint32_t data_bits) {
  if (port >= ports_.size()) {
    return "the design has a port " + std::to_string(port) + ", but only " + std::to_string(ports_.size()) +
           " were named with --port";
  }
  if (address_bits < 1 || address_bits > 64 || (data_bits != 32 && data_bits != 64)) {
    return "port " + ports_[port].name + " has " + std::to_string(address_bits) + " address and " +
           std::to_string(data_bits) + " data bits; 1 to 64 and 32 or 64 are possible";
  }
  ports_[port].address_bits = address_bits;
  ports_[port].bus_bytes = data_bits / 8;
  return "";
}

bool Mailbox::next_beat(uint32_t index, Beat& beat) {
  Port& port = ports_.at(index);
  while (!port.current && timeline_.cycle >= earliest_start_) {
    auto job = take_startable(index);
    if (!job) return false;
    start(port, std::move(*job));
  }
  if (!port.current) return false;
  beat = port.current->beats[port.current->beats_begun++];
  ++statistics_.beats;
  return true;
}

void Mailbox::end_beat(uint32_t index, trapline_v1_Status status, uint64_t word) {
  Port& port = ports_.at(index);
  Job& job = *port.current;
  const Beat& beat = job.beats[job.beats_begun - 1];
  if (status == trapline_v1_Status_STATUS_OKAY) {
    if (!beat.write) gather_beat(job.span(), beat, word, job.data);
    if (job.beats_begun == job.beats.size()) finish(port, status, "");
    return;
  }
  std::string detail = std::string(name_of(status)) + " on " + describe(job) + " (bus address " +
                       to_hex(std::max(beat.address, job.span().address)) + ")";
  if (job.beats.size() > 1) {
    detail += ": beat " + std::to_string(job.beats_begun) + " of " + std::to_string(job.beats.size());
    if (job.beats_begun < job.beats.size()) detail += ", the rest was not started";
  }
  finish(port, status, detail);
}

void Mailbox::time_out_beat(uint32_t index, const std::string& reason) {
  Port& port = ports_.at(index);
  port.stuck = describe(*port.current);
  finish(port, trapline_v1_Status_STATUS_TIMEOUT, port.stuck + ": " + reason);
}

// ---- arbitration

bool Mailbox::may_start(const Job& job) const {
  if (holder_ != 0 && holder_ != job.session) return false;
  for (const auto& port : ports_) {
    if (port.current && port.current->session == job.session) return false;
  }
  const auto oldest = std::find_if(queue_.begin(), queue_.end(),
                                   [&](const Job& queued) { return queued.session == job.session; });
  return &*oldest == &job;
}

std::optional<Job> Mailbox::take_startable(uint32_t port) {
  const auto found = std::find_if(queue_.begin(), queue_.end(),
                                  [&](const Job& job) { return job.device.port == port && may_start(job); });
  if (found == queue_.end()) return std::nullopt;
  std::optional<Job> job(std::move(*found));
  queue_.erase(found);
  return job;
}

bool Mailbox::wants_time() const {
  return std::any_of(ports_.begin(), ports_.end(), [](const Port& port) { return port.current.has_value(); }) ||
         std::any_of(queue_.begin(), queue_.end(), [&](const Job& job) { return may_start(job); });
}

// ---- the life of one access

void Mailbox::start(Port& port, Job job) {
  job.cycle_start = timeline_.cycle;
  holder_ = job.access.hold ? job.session : 0;
  const std::string unreachable = reach_error(port, job);
  if (unreachable.empty() && port.stuck.empty()) {
    job.beats = split_into_beats(job.span(), port.bus_bytes, job.is_write() ? job.access.data.bytes : nullptr);
  }
  const bool nothing_to_carry = job.beats.empty();
  port.current = std::move(job);
  if (!unreachable.empty()) {
    finish(port, trapline_v1_Status_STATUS_DECERR, "DECERR on " + describe(*port.current) + ": " + unreachable);
  } else if (!port.stuck.empty()) {
    finish(port, trapline_v1_Status_STATUS_TIMEOUT,
           describe(*port.current) + ": not started, port " + port.name + " is stuck since the " + port.stuck +
               "; reset the model");
  } else if (nothing_to_carry) {
    finish(port, trapline_v1_Status_STATUS_OKAY, "");
  }
}

std::string Mailbox::reach_error(const Port& port, const Job& job) const {
  if (!job.lies_in_device()) {
    return "it does not lie inside the device, which has " + to_hex(job.device.size) + " bytes";
  }
  const uint64_t highest = port.address_bits == 64 ? ~uint64_t{0} : (uint64_t{1} << port.address_bits) - 1;
  const Span span = job.span();
  if (span.address < job.device.address || span.address > highest || span.width_bytes - 1 > highest - span.address) {
    return "bus address " + to_hex(span.address) + " needs more than the " + std::to_string(port.address_bits) +
           " address bits of port " + port.name;
  }
  return "";
}

void Mailbox::finish(Port& port, trapline_v1_Status status, const std::string& detail) {
  const Job job = std::move(*port.current);
  port.current.reset();
  complete(job, status, detail);
}

void Mailbox::complete(const Job& job, trapline_v1_Status status, const std::string& detail) {
  const bool okay = status == trapline_v1_Status_STATUS_OKAY;
  trapline_v1_Completion completion = trapline_v1_Completion_init_zero;
  completion.seq = job.access.seq;
  completion.status = status;
  completion.cycle_start = job.cycle_start;
  completion.cycle_end = timeline_.cycle;
  completion.time_ps = timeline_.time_ps;
  completion.beats = job.beats_begun;
  std::strncpy(completion.detail, detail.c_str(), sizeof completion.detail - 1);
  if (okay && !job.is_write()) {
    completion.data.size = static_cast<pb_size_t>(job.access.width_bytes);
    std::memcpy(completion.data.bytes, job.data, job.access.width_bytes);
  }

  // The second half of a locked instruction doesn't come when the first one failed.
  if (!okay && holder_ == job.session) holder_ = 0;
  earliest_start_ = timeline_.cycle + min_cycles_;
  ++(job.is_write() ? statistics_.writes : statistics_.reads);
  if (!okay) ++statistics_.errors;
  deliver_(job.request_id, completion);
  log_.write(statistics_.accesses(), job, completion);
}

void Mailbox::cut_off(const std::string& why) {
  for (auto& port : ports_) {
    port.stuck.clear();
    if (port.current) finish(port, trapline_v1_Status_STATUS_DISCONNECTED, describe(*port.current) + ": " + why);
  }
}

void Mailbox::abandon(const std::string& why) {
  cut_off(why);
  while (!queue_.empty()) {
    Job job = std::move(queue_.front());
    queue_.pop_front();
    job.cycle_start = timeline_.cycle;
    complete(job, trapline_v1_Status_STATUS_DISCONNECTED, describe(job) + ": not started, " + why);
  }
}

std::string Mailbox::pending() const {
  for (const auto& port : ports_) {
    if (port.current) return describe(*port.current);
  }
  return queue_.empty() ? "" : describe(queue_.front());
}
