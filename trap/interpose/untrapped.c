/* SPDX-License-Identifier: Apache-2.0 */
#include "untrapped.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "ground/raw_syscall.h"

/* Program headers stand behind the ELF header in whatever a linker makes, and there are a dozen. */
enum { HEAD = 1024, SCRIPT_LINE = 256, DEEPEST_SCRIPT = 5 };

struct head {
    size_t length;
    char bytes[HEAD];
};

/* The interpreter's path, "" where it is further on in the file; NULL if the program has none. */
static const char *elf_interpreter(const struct head *head)
{
    const Elf64_Ehdr *elf = (const Elf64_Ehdr *)head->bytes;
    for (unsigned i = 0; i < elf->e_phnum; i++) {
        uint64_t at = elf->e_phoff + i * sizeof(Elf64_Phdr);
        if (at > head->length - sizeof(Elf64_Phdr))
            return "";
        const Elf64_Phdr *segment = (const Elf64_Phdr *)(head->bytes + at);
        if (segment->p_type != PT_INTERP)
            continue;
        bool is_here = segment->p_offset < head->length && segment->p_filesz < head->length - segment->p_offset;
        return is_here ? head->bytes + segment->p_offset : "";
    }
    return NULL;
}

/* Of what has no interpreter a loader has a name for others to ask for, and a static program has none (DT_SONAME). A
 * loader that is called by name loads the agent as ever. */
static bool is_loader(const struct head *head, int file)
{
    const Elf64_Ehdr *elf = (const Elf64_Ehdr *)head->bytes;
    Elf64_Dyn entries[64];
    for (unsigned i = 0; i < elf->e_phnum; i++) {
        uint64_t at = elf->e_phoff + i * sizeof(Elf64_Phdr);
        if (at > head->length - sizeof(Elf64_Phdr))
            return false;
        const Elf64_Phdr *segment = (const Elf64_Phdr *)(head->bytes + at);
        if (segment->p_type != PT_DYNAMIC)
            continue;
        long length = raw_syscall(SYS_pread64, file, entries, sizeof entries, segment->p_offset);
        for (long entry = 0; entry < length / (long)sizeof entries[0] && entries[entry].d_tag != DT_NULL; entry++)
            if (entries[entry].d_tag == DT_SONAME)
                return true;
        return false;
    }
    return false;
}

static const char *judge_elf(const struct head *head, const char *path, int file)
{
    const Elf64_Ehdr *elf = (const Elf64_Ehdr *)head->bytes;
    if (head->length < sizeof *elf || elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_machine != EM_X86_64)
        return "is not an x86-64 program";
    const char *interpreter = elf_interpreter(head);
    if (interpreter == NULL && !is_loader(head, file))
        return "is statically linked";
    if (interpreter == NULL)
        interpreter = path;
    return strstr(interpreter, "/ld-musl") != NULL ? "is linked with musl" : NULL;
}

/* Where the kernel sets AT_SECURE, and ld.so ignores LD_PRELOAD (capabilities(7), ld.so(8)). */
static const char *judge_privileges(int file)
{
    struct stat status;
    if (raw_syscall(SYS_fstat, file, &status) != 0)
        return NULL;
    if (status.st_mode & S_ISUID && status.st_uid != (uid_t)raw_syscall(SYS_getuid))
        return "is setuid";
    if (status.st_mode & S_ISGID && status.st_mode & S_IXGRP && status.st_gid != (gid_t)raw_syscall(SYS_getgid))
        return "is setgid";
    bool is_root = raw_syscall(SYS_getuid) == 0;
    if (!is_root && raw_syscall(SYS_fgetxattr, file, "security.capability", NULL, 0) > 0)
        return "has file capabilities";
    return NULL;
}

/* Cuts the interpreter's path out of the first line; NULL if the file is no script. */
static const char *script_interpreter(struct head *head)
{
    if (head->length < 3 || head->bytes[0] != '#' || head->bytes[1] != '!')
        return NULL;
    head->bytes[head->length < SCRIPT_LINE ? head->length : SCRIPT_LINE] = 0;
    char *path = head->bytes + 2 + strspn(head->bytes + 2, " \t");
    path[strcspn(path, " \t\r\n")] = 0;
    return path;
}

/* Why no agent will be in it; NULL if one will, or if nothing can be said. `head` is room to work in. */
static const char *judge(int directory, const char *path, struct head *head)
{
    for (unsigned depth = 0; depth < DEEPEST_SCRIPT && path != NULL; depth++) {
        bool is_own = path[0] != 0;
        int file = is_own ? (int)raw_syscall(SYS_openat, directory, path, O_RDONLY | O_CLOEXEC) : directory;
        if (file < 0)
            return NULL;
        long count = raw_syscall(SYS_pread64, file, head->bytes, HEAD - 1, 0);
        head->length = count > 0 ? (size_t)count : 0;
        head->bytes[head->length] = 0;
        bool is_elf = head->length > SELFMAG && memcmp(head->bytes, ELFMAG, SELFMAG) == 0;
        const char *reason = is_elf ? judge_elf(head, path, file) : NULL;
        if (is_elf && reason == NULL)
            reason = judge_privileges(file);
        if (is_own)
            raw_syscall(SYS_close, file);
        if (is_elf)
            return reason;
        path = script_interpreter(head);
    }
    return NULL;
}

static void write_note(const char *run_directory, const char *path, const char *reason)
{
    int directory = (int)raw_syscall(SYS_open, run_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int note = (int)raw_syscall(SYS_openat, directory, "untrapped", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const struct iovec line[] = {
        {(char *)path, strlen(path)},
        {" ", 1},
        {(char *)reason, strlen(reason)},
        {"\n", 1},
    };
    raw_syscall(SYS_writev, note, line, sizeof line / sizeof line[0]);
    raw_syscall(SYS_close, note);
    raw_syscall(SYS_close, directory);
}

const char *untrapped_reason(int directory, const char *path)
{
    struct head head;
    return judge(directory, path, &head);
}

void untrapped_note(const char *run_directory, int directory, const char *path)
{
    const char *reason = untrapped_reason(directory, path);
    if (reason != NULL)
        write_note(run_directory, path[0] != 0 ? path : "the program of a descriptor", reason);
}

void untrapped_note_in_path(const char *run_directory, const char *file)
{
    const char *place = getenv("PATH");
    if (strchr(file, '/') != NULL)
        return untrapped_note(run_directory, AT_FDCWD, file);
    for (place = place != NULL ? place : "/bin:/usr/bin"; place != NULL;) {
        size_t length = strcspn(place, ":"), size = length + strlen(file) + 2;
        if (size < PATH_MAX) {
            char path[size]; /* a handler's small stack has no room for more */
            memcpy(path, place, length);
            strcpy(path + length, length > 0 ? "/" : "");
            strcat(path, file);
            if (raw_syscall(SYS_access, path, X_OK) == 0)
                return untrapped_note(run_directory, AT_FDCWD, path);
        }
        place = place[length] == ':' ? place + length + 1 : NULL;
    }
}
