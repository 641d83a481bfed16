/* SPDX-License-Identifier: Apache-2.0 */
#include "bridge_address.h"

#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

static bool parse_unix(const char *path, struct bridge_address *address)
{
    struct sockaddr_un *unix_address = (struct sockaddr_un *)&address->address;
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof unix_address->sun_path)
        return false;
    unix_address->sun_family = AF_UNIX;
    memcpy(unix_address->sun_path, path, length + 1);
    address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    return true;
}

static bool parse_tcp(const char *text, struct bridge_address *address)
{
    char host[256];
    const char *colon = strrchr(text, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof host)
        return false;
    bool bracketed = text[0] == '[' && colon[-1] == ']';
    size_t length = (size_t)(colon - text) - (bracketed ? 2 : 0);
    memcpy(host, text + (bracketed ? 1 : 0), length);
    host[length] = 0;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return false;
    memcpy(&address->address, found->ai_addr, found->ai_addrlen);
    address->length = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

bool bridge_address_parse(const char *text, struct bridge_address *address)
{
    memset(address, 0, sizeof *address);
    return strncmp(text, "unix:", 5) == 0 ? parse_unix(text + 5, address) : parse_tcp(text, address);
}
