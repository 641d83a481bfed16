/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <pb_decode.h>
#include <pb_encode.h>

#include "ground/signal_safe.h"

size_t wire_encode(const pb_msgdesc_t *descriptor, const void *message, uint8_t *buffer, size_t size)
{
    pb_ostream_t stream = pb_ostream_from_buffer(buffer + WIRE_HEADER, size - WIRE_HEADER);
    if (!pb_encode(&stream, descriptor, message))
        return 0;
    size_t length = stream.bytes_written;
    buffer[0] = 0;
    for (unsigned i = 0; i < 4; i++)
        buffer[1 + i] = (uint8_t)(length >> (24 - 8 * i));
    return WIRE_HEADER + length;
}

bool wire_decode(const pb_msgdesc_t *descriptor, const uint8_t *bytes, size_t count, void *message)
{
    pb_istream_t stream = pb_istream_from_buffer(bytes, count);
    return pb_decode(&stream, descriptor, message);
}
