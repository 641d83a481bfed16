/* SPDX-License-Identifier: Apache-2.0 */
#include "queues.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stdint.h>

#include "device/node.h"
#include "ground/agent.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "ground/report.h"

/* liburing and libaio make their system calls themselves; these names are the ones that all of their users come by.
 * They return -errno. */
struct io_uring;
struct io_uring_params;
int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags);
int io_uring_queue_init_params(unsigned entries, struct io_uring *ring, struct io_uring_params *parameters);
int io_uring_queue_init_mem(unsigned entries, struct io_uring *ring, struct io_uring_params *parameters, void *memory,
                            size_t size);
int io_submit(unsigned long context, long count, struct iocb **requests);

static bool refuses_rings(void)
{
    static bool told;
    if (!agent_start_for(NULL))
        return false;
    if (!told)
        report(
            "io_uring is refused with EPERM, as where the kernel has it disabled: it would pass devices and windows; "
            "use read() and write()");
    told = true;
    return true;
}

long queues_setup_ring(unsigned entries, void *parameters)
{
    return real_result(refuses_rings() ? -EPERM : raw_syscall(SYS_io_uring_setup, entries, parameters));
}

INTERPOSED int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
    return refuses_rings() ? -EPERM : REAL(io_uring_queue_init)(entries, ring, flags);
}

INTERPOSED int io_uring_queue_init_params(unsigned entries, struct io_uring *ring, struct io_uring_params *parameters)
{
    return refuses_rings() ? -EPERM : REAL(io_uring_queue_init_params)(entries, ring, parameters);
}

INTERPOSED int io_uring_queue_init_mem(unsigned entries, struct io_uring *ring, struct io_uring_params *parameters,
                                       void *memory, size_t size)
{
    return refuses_rings() ? -EPERM : REAL(io_uring_queue_init_mem)(entries, ring, parameters, memory, size);
}

/* Which the host may have pointed to nowhere. */
static int node_of_request(const struct iocb *request)
{
    return readable(request, sizeof *request) ? node_of_open_descriptor((int)request->aio_fildes) : NODE_NONE;
}

bool queues_is_refused(const void *request)
{
    return node_of_request(request) != NODE_NONE;
}

long queues_refuse(const void *request)
{
    static bool told;
    if (!told)
        report("io_submit() on %s fails with EINVAL, as on a device of registers; use read() and write()",
               node_path(node_of_request(request)));
    told = true;
    return real_result(-EINVAL);
}

long queues_submit(unsigned long context, long count, void *requests)
{
    struct iocb *const *places = requests;
    long before = 0;
    while (before < count && readable(&places[before], sizeof *places) && !queues_is_refused(places[before]))
        before++;
    bool is_refused = before < count && readable(&places[before], sizeof *places);
    if (is_refused && before == 0)
        return queues_refuse(places[0]);
    return real_result(raw_syscall(SYS_io_submit, context, is_refused ? before : count, requests));
}

INTERPOSED int io_submit(unsigned long context, long count, struct iocb **requests)
{
    long result = queues_submit(context, count, requests);
    return result == -1 ? -errno : (int)result;
}
