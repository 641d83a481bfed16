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

/* What another way leads into. */
static const char is_static[] = "is statically linked", is_of_musl[] = "is linked with musl",
                  has_no_libc[] = "uses no libc", is_of_i386[] = "is a program of 32 bits",
                  is_foreign[] = "is not an x86-64 program";

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

/* Whether the program tells `tag` to its loader. */
enum answer { NO, YES, UNKNOWN };
static enum answer has_entry(const struct head *head, int file, int64_t tag)
{
    const Elf64_Ehdr *elf = (const Elf64_Ehdr *)head->bytes;
    Elf64_Dyn entries[64];
    for (unsigned i = 0; i < elf->e_phnum; i++) {
        uint64_t at = elf->e_phoff + i * sizeof(Elf64_Phdr);
        if (at > head->length - sizeof(Elf64_Phdr))
            return UNKNOWN;
        const Elf64_Phdr *segment = (const Elf64_Phdr *)(head->bytes + at);
        if (segment->p_type != PT_DYNAMIC)
            continue;
        long length = raw_syscall(SYS_pread64, file, entries, sizeof entries, segment->p_offset);
        for (long entry = 0; entry < length / (long)sizeof entries[0] && entries[entry].d_tag != DT_NULL; entry++)
            if (entries[entry].d_tag == tag)
                return YES;
        return NO;
    }
    return UNKNOWN;
}

static const char *judge_elf(const struct head *head, const char *path, int file)
{
    const Elf64_Ehdr *elf = (const Elf64_Ehdr *)head->bytes;
    if (head->length >= sizeof(Elf32_Ehdr) && elf->e_ident[EI_CLASS] == ELFCLASS32 && elf->e_machine == EM_386)
        return is_of_i386;
    if (head->length < sizeof *elf || elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_machine != EM_X86_64)
        return is_foreign;
    /* Of what has no interpreter a loader has a name for others to ask for, and a static program has none. A loader
     * that is called by name loads the agent as ever. */
    const char *interpreter = elf_interpreter(head);
    bool is_loader = interpreter == NULL && has_entry(head, file, DT_SONAME) == YES;
    if (interpreter == NULL && !is_loader)
        return is_static;
    if (strstr(interpreter != NULL ? interpreter : path, "/ld-musl") != NULL)
        return is_of_musl;
    return !is_loader && has_entry(head, file, DT_NEEDED) == NO ? has_no_libc : NULL;
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
        const char *reason = is_elf ? judge_privileges(file) : NULL;
        if (is_elf && reason == NULL)
            reason = judge_elf(head, path, file);
        if (is_own)
            raw_syscall(SYS_close, file);
        if (is_elf)
            return reason;
        path = script_interpreter(head);
    }
    return NULL;
}

bool untrapped_can_be_entered(const char *reason)
{
    return reason == is_static || reason == is_of_musl || reason == has_no_libc || reason == is_of_i386;
}

bool untrapped_is_foreign(const char *reason)
{
    return reason == is_foreign;
}

bool untrapped_machine(int directory, const char *path, unsigned *machine, unsigned *bits)
{
    Elf32_Ehdr elf; /* as far as both kinds are alike */
    bool is_own = path[0] != 0;
    int file = is_own ? (int)raw_syscall(SYS_openat, directory, path, O_RDONLY | O_CLOEXEC) : directory;
    bool is_elf = raw_syscall(SYS_pread64, file, &elf, sizeof elf, 0) == sizeof elf &&
                  memcmp(elf.e_ident, ELFMAG, SELFMAG) == 0 && elf.e_ident[EI_DATA] == ELFDATA2LSB;
    if (is_own)
        raw_syscall(SYS_close, file);
    if (is_elf) {
        *machine = elf.e_machine;
        *bits = elf.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
    }
    return is_elf;
}

void untrapped_write(const char *run_directory, const char *path, const char *reason)
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

int untrapped_descriptor(const char *path)
{
    static const char *const places[] = {"/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char *end;
        size_t length = strlen(places[i]);
        if (strncmp(path, places[i], length) != 0)
            continue;
        unsigned long number = strtoul(path + length, &end, 10);
        return end != path + length && *end == 0 && number <= INT_MAX ? (int)number : -1;
    }
    return -1;
}

static const char *search_path(void)
{
    const char *path = getenv("PATH");
    return path != NULL ? path : "/bin:/usr/bin";
}

size_t untrapped_path_room(const char *file)
{
    return strlen(search_path()) + strlen(file) + 2;
}

bool untrapped_find(const char *file, char *path)
{
    if (strchr(file, '/') != NULL) {
        strcpy(path, file);
        return true;
    }
    for (const char *place = search_path(); place != NULL;) {
        size_t length = strcspn(place, ":");
        memcpy(path, place, length);
        strcpy(path + length, length > 0 ? "/" : "");
        strcat(path, file);
        if (raw_syscall(SYS_access, path, X_OK) == 0)
            return true;
        place = place[length] == ':' ? place + length + 1 : NULL;
    }
    return false;
}
