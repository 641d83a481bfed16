/* SPDX-License-Identifier: Apache-2.0
 *
 * ioperm and iopl: where the configuration has I/O ports they are granted, and the machine is never asked; elsewhere
 * both are the machine's. Of the ports of real devices it is asked for its own, access by access. What the kernel says
 * of wrong arguments is in arch/x86/kernel/ioport.c.
 */
#include "io_ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>

#include "by_number.h"
#include "device/io_port.h"
#include "environment.h"
#include "ground/agent.h"
#include "ground/real.h"
#include "ground/report.h"
#include "kernel_call.h"
#include "real_maps.h"
#include "trap/signals.h"

static char variable[4096];

/* A handler must be there, and a bridge, before the first access. */
static void prepare(void)
{
    agent_attach();
    signals_install(REAL(sigaction));
}

/* Of real devices the kernel is asked at once, with the rights that the process has. */
static void claim(unsigned long first, unsigned long count)
{
    real_maps_open(io_port_node(), first, first + count);
}

/* A child that shares its parent's memory is about to become another program: the grant is the parent's too. */
static void hand_on(void)
{
    static const char start[] = IO_PORTS_VARIABLE "=";
    enum { name = sizeof start - 1 };
    memcpy(variable, start, name);
    if (!io_port_describe_grants(variable + name, sizeof variable - name)) {
        variable[name] = 0;
        report_undone("I/O ports are granted in too many pieces to hand them on to programs that are started");
    }
    environment_keep_io_ports(variable);
}

INTERPOSED int ioperm(unsigned long first, unsigned long count, int on)
{
    if (!agent_start() || !io_port_are_served())
        return (int)KERNEL_CALL(SYS_ioperm, first, count, on);
    if (first + count <= first || first + count > IO_PORT_COUNT)
        return (int)real_result(-EINVAL);
    prepare();
    if (on != 0)
        claim(first, count);
    io_port_grant((unsigned)first, (unsigned)count, on != 0);
    hand_on();
    return 0;
}

INTERPOSED int iopl(int level)
{
    if (!agent_start() || !io_port_are_served())
        return (int)KERNEL_CALL(SYS_iopl, level);
    if ((unsigned)level > 3)
        return (int)real_result(-EINVAL);
    prepare();
    if (level != 0)
        claim(0, IO_PORT_COUNT);
    io_port_set_level((unsigned)level);
    hand_on();
    return 0;
}

CARRY(iopl, iopl((int)a[0]))
CARRY(ioperm, ioperm((unsigned long)a[0], (unsigned long)a[1], (int)a[2]))

void io_ports_inherit(void)
{
    const char *text = getenv(IO_PORTS_VARIABLE);
    if (text == NULL || text[0] == 0 || !io_port_are_served())
        return;
    prepare();
    io_port_take_grants(text);
    hand_on();
}
