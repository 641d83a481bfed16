// SPDX-License-Identifier: Apache-2.0
//
// One model process: puts the parts together, runs, and ends. Exit status: 0 stopped as asked, 1 after a fault,
// 2 if it could not start or the link broke its rules.

#include <cstdio>
#include <exception>
#include <string>

#include "access_log.h"
#include "dma.h"
#include "dma_link.h"
#include "dpi.h"
#include "event_log.h"
#include "fault.h"
#include "host_memory.h"
#include "interrupts.h"
#include "lanes.h"
#include "link.h"
#include "mailbox.h"
#include "memories.h"
#include "model.h"
#include "options.h"
#include "polls.h"
#include "server.h"
#include "stop.h"

namespace {

constexpr int kStopped = 0;
constexpr int kFaulted = 1;
constexpr int kUnusable = 2;

std::string in_one_line(const Fault &fault)
{
    const std::string place = fault.file.empty() ? "" : ", at " + fault.file + ":" + std::to_string(fault.line);
    return "the model ended by itself: " + fault.message + place;
}

int run(const Options &options)
{
    Link link(options.link_fd);
    install_stop_signals(options.link_fd);
    AccessLog log(options.log);
    Timeline timeline;
    Model model(options, timeline);
    Memories memories(options.memories, &model.design());
    Lanes lanes(link);
    LateAnswers late(model, [&](const trapline_v1_ModelReply &completion) {
        if (Lanes::is_own(completion.id))
            lanes.complete(completion);
        else
            link.queue(completion);
    });
    const auto tell = [&](const trapline_v1_Completion &completion, const Job &element) {
        if (Lanes::is_own(element.request_id))
            lanes.note_element(element, completion);
    };
    const auto deliver = [&](const trapline_v1_ModelReply &completion, const Job *job, bool may_wait) {
        const uint64_t cycles = job ? lanes.cycles_before(*job, completion.body.completion) : 0;
        if (may_wait && !Lanes::is_own(completion.id))
            link.queue_idly(completion);
        else
            late.answer(completion, cycles);
    };
    Mailbox mailbox(
        options, timeline, log, memories,
        [&](const auto &completion, const Job *job) { deliver(completion, job, mailbox.may_wait()); }, tell);
    if (Design::can_trace)
        mailbox.watch(&model.software());
    EventLog events(options.events);
    Interrupts interrupts(timeline, options.interrupts, events);
    DmaLink dma_link(link);
    HostMemory memory([&](uint64_t address, uint32_t size, const uint8_t *to_write, uint8_t *to_read) {
        return dma_link.ask(address, size, to_write, to_read);
    });
    Dma dma(options, timeline, memory, log, events, [&](const trapline_v1_DmaFault &fault) { dma_link.report(fault); });
    Server server(link, mailbox, model, interrupts, memory, dma, log, lanes);
    bind_dpi(&options, &mailbox, &interrupts, &dma);

    server.greet(options);
    model.run([&] { return server.tend(); });
    server.end_edge();
    model.finish();

    const Fault *fault = recorded_fault();
    late.answer_all();
    mailbox.abandon(fault ? in_one_line(*fault) : "the model was stopped");
    log.flush();
    if (fault)
        server.send_fault(*fault);
    link.flush();
    link.leave();
    lanes.publish_all();
    return fault ? kFaulted : kStopped;
}

} // namespace

int main(int argc, char **argv)
{
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    std::setvbuf(stderr, nullptr, _IOLBF, BUFSIZ);
    try {
        return run(parse_options(argc, argv));
    } catch (const EvaluationAborted &) {
        // Outside of an evaluation: the design could not even be made.
        std::fprintf(stderr, "trapline model: %s\n", in_one_line(*recorded_fault()).c_str());
        return kUnusable;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "trapline model: %s\n", error.what());
        return kUnusable;
    }
}
