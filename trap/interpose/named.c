/* SPDX-License-Identifier: Apache-2.0 */
#include "named.h"

#include "device/node.h"
#include "device/path.h"
#include "ground/agent.h"

struct named named_find(int directory, const char *path)
{
    int node = path != NULL && path[0] != 0 && agent_start_for(path) ? node_of_path(directory, path) : NODE_NONE;
    return (struct named){node, node != NODE_NONE ? node_backing(node) : path};
}

size_t named_room(const struct named *named)
{
    return named->node == NODE_NONE && named->path != NULL ? path_room(named->path) : 0;
}

size_t named_other_room(int directory, const char *path)
{
    return path != NULL && path[0] != '/' && agent_start_for(NULL) ? path_other_room(directory, path) : 0;
}

const char *named_redirect(const char *path, char *room, size_t size)
{
    return path_redirect(path, room, size);
}
