/* SPDX-License-Identifier: Apache-2.0 */
#include "real_uio.h"

#include <errno.h>
#include <string.h>

#include "device/device.h"
#include "device/hardware.h"
#include "device/node.h"
#include "device/transfer.h"

/* Four bytes are read, how often it has interrupted, and written, whether it may (kernel uio_read, uio_write). */
void real_uio_note(const struct real_uio_call *call, ssize_t moved)
{
    struct hardware_interrupt what = {.is_written = call->is_output, .pc = call->pc};
    int node = moved == sizeof what.value ? node_of_open_uio(call->descriptor) : NODE_NONE;
    const struct device *device = node == NODE_NONE ? NULL : device_at(node, UINT64_MAX);
    if (device == NULL)
        return;
    int error = errno;
    const struct iovec *piece = call->vector;
    while (piece->iov_len == 0)
        piece++;
    memcpy(&what.value, piece->iov_base, sizeof what.value);
    uint64_t signals = transfer_begin();
    hardware_note_interrupt(device, &what);
    transfer_end(signals);
    errno = error;
}
