/* SPDX-License-Identifier: Apache-2.0 */
#include "reach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "ground/broker.h"
#include "ground/ledger.h"
#include "ground/raw_syscall.h"

/* A child after vfork runs on the memory of its parent, whose thread waits. */
static _Thread_local int noted = LEDGER_NO_PLACE;

/* A host that has used up its descriptors says nothing about its children. */
static bool is_closed(int failure)
{
    return failure == -EACCES || failure == -EPERM || failure == -ENOENT || failure == -ENOTDIR || failure == -ELOOP;
}

/* The capabilities with which this process may still open it end with the exec. */
static bool is_of_another(int file)
{
    struct stat status;
    uid_t user = (uid_t)raw_syscall(SYS_geteuid);
    return user != 0 && raw_syscall(SYS_fstat, file, &status) == 0 && status.st_uid != user;
}

void reach_check(const char *run_directory, const char *program)
{
    noted = LEDGER_NO_PLACE;
    int directory = (int)raw_syscall(SYS_open, run_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int ledger = (int)raw_syscall(SYS_openat, directory, "ledger", O_RDWR | O_CLOEXEC);
    bool is_lost = is_closed(directory < 0 ? directory : ledger) || (ledger >= 0 && is_of_another(ledger));
    raw_syscall(SYS_close, ledger);
    raw_syscall(SYS_close, directory);
    if (is_lost && !broker_is_there())
        noted = ledger_note_end_of(
            program, "it was started as a user or in a root directory from which the run directory can't be reached");
}

void reach_take_back(void)
{
    ledger_take_back(noted);
    noted = LEDGER_NO_PLACE;
}
