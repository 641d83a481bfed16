/* SPDX-License-Identifier: Apache-2.0 */
#include "run_file.h"

#include <string.h>

#include "join.h"
#include "report.h"
#include "signal_safe.h"

static bool is_name(const char *name)
{
    return name[0] != 0 && strchr(name, '/') == NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

void run_file_find(char path[RUN_FILE_PATH], const char *directory, const char *name)
{
    if (!is_name(name))
        report_fatal(
            "the bridge names the file '%s', which is not in the run directory; use a bridge that can be trusted",
            name);
    if (!join_into(path, RUN_FILE_PATH, JOIN_PARTS(directory, "/", name)))
        report_fatal("TRAPLINE_RUN_DIR is too long a path: %s", directory);
}
