/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded, it gives every program a window, so that all which the agent does for one is in place. Without Trapline
 * there is no such device, and it does nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

__attribute__((constructor)) static void map(void)
{
    int error = errno, descriptor = open(DEVICE, O_RDWR | O_CLOEXEC);
    if (descriptor >= 0) {
        volatile uint32_t *registers = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        close(descriptor);
        if (registers != MAP_FAILED)
            (void)*registers;
    }
    errno = error;
}
