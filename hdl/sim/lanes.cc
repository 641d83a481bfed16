// SPDX-License-Identifier: Apache-2.0

#include "lanes.h"

#include <sched.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <stdexcept>

#include "futex.h"
#include "job.h"
#include "texts.h"

namespace {

uint32_t own_cpu()
{
    return static_cast<uint32_t>(sched_getcpu());
}

// Once: what is looked over must be what is used.
template <typename T>
T load(const T &shared)
{
    return __atomic_load_n(&shared, __ATOMIC_RELAXED);
}

// An agent may look at it meanwhile.
template <typename Part>
void clear_before_data(Part &part)
{
    auto *words = reinterpret_cast<uint32_t *>(&part);
    for (size_t i = 0; i < offsetof(Part, data) / sizeof *words; ++i)
        __atomic_store_n(words + i, 0, __ATOMIC_RELAXED);
}

// An enumerator of C has no other values than its own.
trapline_v1_Operation to_operation(uint32_t number)
{
    const bool is_known = number == trapline_v1_Operation_OPERATION_READ ||
                          number == trapline_v1_Operation_OPERATION_WRITE;
    return is_known ? static_cast<trapline_v1_Operation>(number) : trapline_v1_Operation_OPERATION_UNSPECIFIED;
}

} // namespace

Lanes::~Lanes()
{
    for (const auto &[session, box] : boxes_)
        __atomic_store_n(&box.slot->answer.session, 0, __ATOMIC_RELEASE);
}

// ---- sessions

std::string Lanes::open(const trapline_v1_OpenSession &session)
{
    if (!session.has_lane)
        return "";
    const auto &lane = session.lane;
    if (lane.slot >= LANE_SLOTS)
        return "there is no mailbox " + std::to_string(lane.slot);
    if (file_ && file_->path() != lane.path)
        return "the mailboxes of this model are in " + file_->path() + ", not in " + lane.path;
    try {
        if (!file_) {
            file_ = std::make_unique<LaneFile>(lane.path);
            rings_ = file_->bell() - 1;
        }
        if (!watcher_)
            watcher_ = std::make_unique<LinkWatcher>(link_.fd(), [file = file_.get()] { file->ring(); });
    } catch (const std::runtime_error &error) {
        return error.what();
    }
    Box &box = boxes_[session.session];
    box.slot = file_->slot(lane.slot);
    box.observes_all = lane.observe_all;
    if (lane.has_polls)
        box.loop = PollLoop(lane.polls);
    std::copy_if(session.devices, session.devices + session.devices_count, std::back_inserter(box.devices),
                 [](const auto &device) { return !is_stream(device); });
    box.request.session = session.session;
    clear_before_data(box.slot->request);
    clear_before_data(box.slot->answer);
    __atomic_store_n(&box.slot->answer.cpu, own_cpu(), __ATOMIC_RELAXED);
    patience_ = 1;
    __atomic_store_n(&box.slot->answer.session, session.session, __ATOMIC_RELEASE);
    return "";
}

bool Lanes::leave(uint32_t session, Mailbox &mailbox)
{
    const auto found = boxes_.find(session);
    if (found == boxes_.end())
        return true;
    Box &box = found->second;
    if (!box.is_leaving)
        take_from(box, mailbox);
    box.is_leaving = true;
    __atomic_store_n(&box.slot->answer.session, 0, __ATOMIC_RELEASE);
    return !box.is_under_way;
}

void Lanes::close(uint32_t session)
{
    const auto found = boxes_.find(session);
    if (found == boxes_.end())
        return;
    show_counts(found->second); // the bridge looks at them now
    __atomic_store_n(&found->second.slot->answer.session, 0, __ATOMIC_RELEASE);
    for (auto *answers : {&answered_, &held_})
        answers->erase(std::remove(answers->begin(), answers->end(), &found->second), answers->end());
    boxes_.erase(found);
    if (!boxes_.empty())
        return;
    watcher_.reset(); // a copy of this process would not have that thread
    file_.reset();    // and has a file of its own
}

// ---- accesses

const trapline_v1_SessionDevice *Lanes::Box::find(uint32_t handle) const
{
    const auto found = std::find_if(devices.begin(), devices.end(),
                                    [&](const auto &device) { return device.handle == handle; });
    return found == devices.end() ? nullptr : &*found;
}

void Lanes::take_all(Mailbox &mailbox)
{
    rings_ = file_->bell();
    for (auto &[session, box] : boxes_)
        take_from(box, mailbox);
}

void Lanes::take_from(Box &box, Mailbox &mailbox)
{
    const lane_request &from = box.slot->request;
    const uint32_t turn = __atomic_load_n(&from.turn, __ATOMIC_ACQUIRE);
    if (box.is_under_way || box.is_leaving)
        return;
    if (turn == box.turn) {
        // Should anybody have written over it: who waits for it rings again.
        if (load(box.slot->answer.turn) != turn)
            publish_turn(box);
        return;
    }
    box.turn = turn;
    box.is_under_way = true;
    auto &access = box.request.access;
    access.seq = load(from.seq);
    access.device = load(from.device);
    access.offset = load(from.offset);
    access.operation = to_operation(load(from.operation));
    access.width_bytes = load(from.width_bytes);
    access.byte_enables = load(from.byte_enables);
    access.tid = load(from.tid);
    access.pc = load(from.pc);
    access.stack = load(from.stack);
    access.posted = load(from.is_posted) == 1 && access.operation == trapline_v1_Operation_OPERATION_WRITE;
    access.elements = load(from.elements);
    access.descending = load(from.is_descending) == 1;
    const bool brings_data = access.operation == trapline_v1_Operation_OPERATION_WRITE;
    const uint64_t bytes = uint64_t{access.width_bytes} * std::max(access.elements, 1u);
    access.data.size = static_cast<pb_size_t>(brings_data ? std::min(bytes, uint64_t{LANE_DATA_BYTES}) : 0);
    std::memcpy(access.data.bytes, from.data, access.data.size);
    agent_cpu_ = load(from.cpu);
    leave_processor_of(agent_cpu_);
    const std::string refusal = box.find(access.device) ? mailbox.submit(kOwn | box.request.session, box.request)
                                                        : "there is no device " + std::to_string(access.device);
    if (refusal.empty())
        return;
    trapline_v1_Completion completion = trapline_v1_Completion_init_zero;
    completion.seq = access.seq;
    completion.status = trapline_v1_Status_STATUS_DISCONNECTED;
    put_text(completion.detail, "its mailbox holds what is no access: " + refusal);
    answer(box, completion);
}

uint64_t Lanes::cycles_before(const Job &job, const trapline_v1_Completion &completion)
{
    const auto found = boxes_.find(job.session);
    if (found == boxes_.end())
        return 0;
    const uint64_t cycles = found->second.loop.cycles_before(job, completion);
    if (cycles != 0) {
        found->second.counts.polls++;
        found->second.counts.poll_cycles += cycles;
        show_counts(found->second);
    }
    return cycles;
}

void Lanes::complete(const trapline_v1_ModelReply &reply)
{
    const auto found = boxes_.find(static_cast<uint32_t>(reply.id & ~kOwn));
    if (found == boxes_.end())
        return;
    Box &box = found->second;
    const auto &completion = reply.body.completion;
    if (box.request.access.elements <= 1)
        note(box, box.request.access, completion);
    answer(box, completion);
}

void Lanes::note_element(const Job &element, const trapline_v1_Completion &completion)
{
    const auto found = boxes_.find(element.session);
    if (found == boxes_.end())
        return;
    const auto &string = found->second.request.access;
    element_.seq = element.seq;
    element_.device = string.device;
    element_.offset = element.offset;
    element_.operation = string.operation;
    element_.width_bytes = element.width_bytes;
    element_.tid = element.tid;
    element_.pc = element.pc;
    element_.stack = element.stack;
    element_.data.size = static_cast<pb_size_t>(element.is_write ? element.width_bytes : 0);
    std::memcpy(element_.data.bytes, element.data.data(), element_.data.size);
    note(found->second, element_, completion);
}

void Lanes::note(Box &box, const trapline_v1_Access &access, const trapline_v1_Completion &completion)
{
    const bool is_write = access.operation == trapline_v1_Operation_OPERATION_WRITE;
    if (is_worth_telling(box, access, completion))
        tell(box, access, completion);
    else
        ++(is_write ? box.counts.writes : box.counts.reads);
}

void Lanes::answer(Box &box, const trapline_v1_Completion &completion)
{
    lane_answer &to = box.slot->answer;
    to.status = completion.status;
    to.data_bytes = completion.data.size;
    to.beats = completion.beats;
    to.cycle_start = completion.cycle_start;
    to.cycle_end = completion.cycle_end;
    to.time_ps = completion.time_ps;
    to.done = completion.done;
    show_counts(box);
    std::memcpy(to.data, completion.data.bytes, completion.data.size);
    if (completion.status != trapline_v1_Status_STATUS_OKAY)
        std::memcpy(to.detail, completion.detail, LANE_DETAIL_BYTES);
    answered_.push_back(&box);
}

void Lanes::show_counts(Box &box)
{
    lane_answer &to = box.slot->answer;
    to.reads = box.counts.reads;
    to.writes = box.counts.writes;
    to.polls = box.counts.polls;
    to.poll_cycles = box.counts.poll_cycles;
}

bool Lanes::is_worth_telling(const Box &box, const trapline_v1_Access &access,
                             const trapline_v1_Completion &completion) const
{
    if (box.observes_all || completion.status != trapline_v1_Status_STATUS_OKAY)
        return true;
    const auto *device = box.find(access.device);
    const uint32_t register_bytes = device ? device->register_bytes : 0;
    return register_bytes != 0 &&
           (access.width_bytes != register_bytes || access.offset % register_bytes != 0 || completion.beats > 1);
}

void Lanes::tell(const Box &box, const trapline_v1_Access &access, const trapline_v1_Completion &completion)
{
    observed_.which_body = trapline_v1_ModelReply_observed_tag;
    auto &observed = observed_.body.observed;
    observed.session = box.request.session;
    observed.has_access = observed.has_completion = true;
    observed.access = access;
    observed.completion = completion;
    if (completion.status == trapline_v1_Status_STATUS_OKAY)
        link_.queue_idly(observed_);
    else
        link_.queue(observed_);
}

void Lanes::publish_all()
{
    publish(held_);
    publish(answered_);
}

void Lanes::publish_turn(Box &box)
{
    lane_slot &slot = *box.slot;
    __atomic_store_n(&slot.answer.turn, box.turn, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&slot.request.is_asleep, __ATOMIC_SEQ_CST) == 1)
        futex_wake(&slot.answer.turn);
}

void Lanes::publish(std::vector<Box *> &answers)
{
    for (Box *box : answers) {
        box->is_under_way = false;
        __atomic_store_n(&box->slot->answer.cpu, own_cpu(), __ATOMIC_RELAXED);
        publish_turn(*box);
    }
    answers.clear();
}

// ---- waiting

void Lanes::note_link_read()
{
    if (watcher_)
        watcher_->arm();
}

bool Lanes::sleep(Sleep sleep)
{
    constexpr timespec kWhile{0, 100'000'000}, kLong{1, 0};
    file_->sleep(rings_, sleep == Sleep::kLong ? &kLong : &kWhile);
    return file_->has_rung(rings_);
}

bool Lanes::look() const
{
    if (agent_cpu_ == own_cpu())
        return file_->has_rung(rings_);
    for (int looks = 0; looks < LANE_LOOKS; ++looks) {
        if (file_->has_rung(rings_))
            return true;
        __builtin_ia32_pause();
    }
    return false;
}

// The scheduler may keep two who wait for each other on one processor for ever, and looking helps only on two. So the
// model goes elsewhere, less and less often where it is soon brought back: others want that processor then.
void Lanes::leave_processor_of(uint32_t agent_cpu)
{
    constexpr uint32_t kSettled = 1024, kMostPatience = 4096;
    if (agent_cpu != own_cpu()) {
        together_ = 0;
        if (++apart_ == kSettled)
            patience_ = 1;
        return;
    }
    apart_ = 0;
    if (++together_ < patience_)
        return;
    together_ = 0;
    patience_ = std::min(2 * patience_, kMostPatience);
    cpu_set_t allowed;
    if (agent_cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2)
        return;
    cpu_set_t others = allowed;
    CPU_CLR(agent_cpu, &others);
    sched_setaffinity(0, sizeof others, &others);
    sched_setaffinity(0, sizeof allowed, &allowed);
}
