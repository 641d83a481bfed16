/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the bridge listens. Not on the fault path: names are resolved here, once.
 */
#ifndef TRAPLINE_BRIDGE_ADDRESS_H
#define TRAPLINE_BRIDGE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

struct bridge_address {
    struct sockaddr_storage address;
    socklen_t length;
};

/* "unix:/path" or "host:port". False if it makes no sense, the path is too long or the name unknown. */
bool bridge_address_parse(const char *text, struct bridge_address *address);

#endif
