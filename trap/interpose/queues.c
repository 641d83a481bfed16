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

/* The node of a request, which the host may have pointed to nowhere. */
static int node_of_request(struct iocb *const *place)
{
    if (!readable(place, sizeof *place))
        return NODE_NONE;
    const struct iocb *request = *place;
    return readable(request, sizeof *request) ? node_of_open_descriptor((int)request->aio_fildes) : NODE_NONE;
}

static long submit(unsigned long context, long count, struct iocb **requests)
{
    static bool told;
    long before = 0;
    int node = NODE_NONE;
    while (before < count && (node = node_of_request(&requests[before])) == NODE_NONE)
        before++;
    if (before > 0 || node == NODE_NONE)
        return raw_syscall(SYS_io_submit, context, node == NODE_NONE ? count : before, requests);
    if (!told)
        report("io_submit() on %s fails with EINVAL, as on a device of registers; use read() and write()",
               node_path(node));
    told = true;
    return -EINVAL;
}

long queues_submit(unsigned long context, long count, void *requests)
{
    return real_result(submit(context, count, requests));
}

INTERPOSED int io_submit(unsigned long context, long count, struct iocb **requests)
{
    return (int)submit(context, count, requests);
}
