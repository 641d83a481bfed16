/* SPDX-License-Identifier: Apache-2.0 */
#include "loader.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ground/arrival.h"
#include "remote.h"

/* x86-64 psABI, table 5.1 and PT_INTERP of whatever is linked with glibc. */
static const char loader_path[] = "/lib64/ld-linux-x86-64.so.2";

enum { PAGE = 4096, MOST_HEADERS = 32, STACK = 1 << 20, MOST_WORDS = 1 << 20, MOST_AUXILIARY = 64, WORD = 8 };

static uint64_t page_start(uint64_t address)
{
    return address & ~(uint64_t)(PAGE - 1);
}

static uint64_t page_end(uint64_t address)
{
    return page_start(address + PAGE - 1);
}

static uint64_t checked(long result, const char *what)
{
    if (result >= 0 || result < -PAGE)
        return (uint64_t)result;
    errno = (int)-result;
    remote_give_up(what);
}

/* The path is written below the stack, in what signals leave alone too (x86-64 psABI, 3.2.2). */
static long open_there(const char *path)
{
    uint64_t below = (remote_registers()->rsp - PAGE) & ~(uint64_t)15;
    if (!remote_write(below, path, strlen(path) + 1))
        remote_give_up("its stack");
    return (long)checked(remote_call(SYS_openat, AT_FDCWD, (long)below, O_RDONLY | O_CLOEXEC, 0, 0, 0), path);
}

static int protection(const Elf64_Phdr *part)
{
    return (part->p_flags & PF_R ? PROT_READ : 0) | (part->p_flags & PF_W ? PROT_WRITE : 0) |
           (part->p_flags & PF_X ? PROT_EXEC : 0);
}

/* What of a part is no bytes of the file is zeros. */
static void map_part(long file, uint64_t start, const Elf64_Phdr *part)
{
    static const char zeros[PAGE];
    uint64_t from = page_start(part->p_vaddr), file_end = part->p_vaddr + part->p_filesz;
    uint64_t end = page_end(part->p_vaddr + part->p_memsz), mapped = page_end(file_end);
    checked(remote_call(SYS_mmap, (long)(start + from), (long)(file_end - from), protection(part),
                        MAP_PRIVATE | MAP_FIXED, file, (long)page_start(part->p_offset)),
            loader_path);
    if (!(part->p_flags & PF_W))
        return;
    if (mapped > file_end && !remote_write(start + file_end, zeros, mapped - file_end))
        remote_give_up(loader_path);
    if (end > mapped)
        checked(remote_call(SYS_mmap, (long)(start + mapped), (long)(end - mapped), protection(part),
                            MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0),
                loader_path);
}

void loader_map(struct loader *loader)
{
    Elf64_Ehdr head;
    Elf64_Phdr parts[MOST_HEADERS];
    uint64_t size = 0;
    int here = open(loader_path, O_RDONLY | O_CLOEXEC);
    if (here < 0 || read(here, &head, sizeof head) != sizeof head || head.e_phnum > MOST_HEADERS ||
        pread(here, parts, head.e_phnum * sizeof parts[0], (off_t)head.e_phoff) < (ssize_t)sizeof parts[0])
        remote_give_up(loader_path);
    close(here);
    for (int i = 0; i < head.e_phnum; i++)
        if (parts[i].p_type == PT_LOAD)
            size = page_end(parts[i].p_vaddr + parts[i].p_memsz);
    long file = open_there(loader_path);
    uint64_t start = checked(remote_call(SYS_mmap, 0, (long)size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                             "no memory");
    for (int i = 0; i < head.e_phnum; i++)
        if (parts[i].p_type == PT_LOAD)
            map_part(file, start, &parts[i]);
    remote_call(SYS_close, file, 0, 0, 0, 0, 0);
    *loader = (struct loader){start, start + head.e_entry, start + head.e_phoff, head.e_phnum};
}

/* The words of a stack from its lowest address on, and the bytes that they point to behind them. */
struct stack {
    uint64_t words[MOST_WORDS / WORD];
    size_t count;
    uint64_t text; /* where the next bytes come */
};

static void push(struct stack *stack, uint64_t word)
{
    if (stack->count == sizeof stack->words / WORD)
        remote_give_up("its environment is too long");
    stack->words[stack->count++] = word;
}

static uint64_t put_text(struct stack *stack, const void *bytes, size_t size)
{
    uint64_t at = stack->text;
    if (!remote_write(at, bytes, size))
        remote_give_up("no memory");
    stack->text += (size + WORD - 1) & ~(size_t)(WORD - 1);
    return at;
}

/* Those that the loader, or libc, would take for its own. */
static int is_of_loader(const char *start)
{
    static const char *const names[] = {"LD_", "GLIBC_TUNABLES=", "MALLOC_", ARRIVAL_VARIABLE "="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(start, names[i], strlen(names[i])) == 0)
            return 1;
    return 0;
}

static void push_environment(struct stack *stack)
{
    uint64_t at = remote_registers()->rsp, entry;
    for (at += (remote_word_at(at) + 2) * remote_word(); (entry = remote_word_at(at)) != 0; at += remote_word()) {
        char start[32] = "";
        for (size_t count = sizeof start - 1; count > 0 && !remote_read(entry, start, count); count--)
            continue;
        if (!is_of_loader(start))
            push(stack, entry);
    }
}

static void push_auxiliary(struct stack *stack, const struct loader *loader, uint64_t at)
{
    for (uint64_t kind; (kind = remote_word_at(at)) != AT_NULL; at += 2 * remote_word()) {
        /* The vDSO is one of 32-bit code there. */
        if (remote_word() == 4 && (kind == AT_SYSINFO || kind == AT_SYSINFO_EHDR || kind == AT_PLATFORM))
            continue;
        uint64_t value = kind == AT_PHDR    ? loader->headers
                         : kind == AT_PHNUM ? loader->header_count
                         : kind == AT_ENTRY ? loader->entry
                         : kind == AT_BASE  ? 0
                                            : remote_word_at(at + remote_word());
        push(stack, kind);
        push(stack, value);
    }
    push(stack, AT_NULL);
    push(stack, 0);
}

uint64_t loader_stack(const struct loader *loader, const char *world)
{
    static struct stack stack;
    char variable[64];
    struct arrival arrival = {remote_registers()->rip, remote_registers()->rsp, remote_word() == 4};
    uint64_t start = checked(remote_call(SYS_mmap, 0, STACK + MOST_WORDS, PROT_READ | PROT_WRITE,
                                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
                             "no memory");
    uint64_t end = start + STACK + MOST_WORDS;
    stack.text = end - 2 * PAGE;
    push(&stack, 2);
    push(&stack, put_text(&stack, loader_path, sizeof loader_path));
    push(&stack, put_text(&stack, world, strlen(world) + 1));
    push(&stack, 0);
    push_environment(&stack);
    snprintf(variable, sizeof variable, ARRIVAL_VARIABLE "=0x%lx", put_text(&stack, &arrival, sizeof arrival));
    push(&stack, put_text(&stack, variable, strlen(variable) + 1));
    /* The kernel keeps one block for each thread (rseq(2)), which is the program's. */
    static const char no_block[] = "GLIBC_TUNABLES=glibc.pthread.rseq=0";
    push(&stack, put_text(&stack, no_block, sizeof no_block));
    push(&stack, 0);
    push_auxiliary(&stack, loader, remote_auxiliary());
    uint64_t at = (end - 2 * PAGE - stack.count * WORD) & ~(uint64_t)15;
    if (at < start + STACK / 2 || !remote_write(at, stack.words, stack.count * WORD))
        remote_give_up("its environment is too long");
    return at;
}
