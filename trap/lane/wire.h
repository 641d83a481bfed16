/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of proto/trapline/v1 to and from gRPC's length-prefixed frames in fixed buffers. Fault path.
 */
#ifndef TRAPLINE_WIRE_H
#define TRAPLINE_WIRE_H

#include <pb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* gRPC's frame header: a compression flag, then the length as 32 bits, big endian (gRPC over HTTP/2,
 * "Length-Prefixed-Message"). */
#define WIRE_HEADER 5

/* Header and message into `buffer`. Returns the length, 0 if it does not fit. */
size_t wire_encode(const pb_msgdesc_t *descriptor, const void *message, uint8_t *buffer, size_t size);

/* A message without its header. False if it is malformed or larger than the structure allows. */
bool wire_decode(const pb_msgdesc_t *descriptor, const uint8_t *bytes, size_t count, void *message);

#endif
