// SPDX-License-Identifier: Apache-2.0
// io_forms: runs every encoding of in, out, ins and outs, with all prefixes that make a difference and those that make
// none, on ports 0x40 to 0xbf, which hold what is written to them. What each should do is reckoned by the Intel SDM
// (volume 2, IN, OUT, INS, OUTS, REP, and 2.1.1, 2.2.1 of prefixes). Prints the accesses that should be made, one a
// line, then `forms: N, W wrong`. As a program of 64 bits or of 32.
#include <asm/prctl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FIRST_PORT = 0x40, PORTS = 0x80, COUNT = 3, MIDDLE = 64, AREA = 128, FLAGS = 0x8d5, DIRECTION = 0x400 };
enum { IS_64 = sizeof(void *) == 8 };

struct state {
    unsigned long ax, cx, dx, si, di, flags;
};

// Loads all of them, calls `code`, keeps them.
void io_run(struct state *state, const void *code);

#ifdef __x86_64__
__asm__(".text\nio_run:\n"
        "push %rbx\npush %r12\npush %rbp\nmov %rdi, %rbx\nmov %rsi, %r12\n"
        "mov (%rbx), %rax\nmov 8(%rbx), %rcx\nmov 16(%rbx), %rdx\nmov 24(%rbx), %rsi\nmov 32(%rbx), %rdi\n"
        "pushq 40(%rbx)\npopfq\ncall *%r12\npushfq\npopq 40(%rbx)\ncld\n"
        "mov %rax, (%rbx)\nmov %rcx, 8(%rbx)\nmov %rdx, 16(%rbx)\nmov %rsi, 24(%rbx)\nmov %rdi, 32(%rbx)\n"
        "pop %rbp\npop %r12\npop %rbx\nret\n");
#else
__asm__(".text\nio_run:\n"
        "push %ebx\npush %ebp\npush %esi\npush %edi\nmov 20(%esp), %ebx\nmov 24(%esp), %ebp\n"
        "mov (%ebx), %eax\nmov 4(%ebx), %ecx\nmov 8(%ebx), %edx\nmov 12(%ebx), %esi\nmov 16(%ebx), %edi\n"
        "pushl 20(%ebx)\npopfl\ncall *%ebp\npushfl\npopl 20(%ebx)\ncld\n"
        "mov %eax, (%ebx)\nmov %ecx, 4(%ebx)\nmov %edx, 8(%ebx)\nmov %esi, 12(%ebx)\nmov %edi, 16(%ebx)\n"
        "pop %edi\npop %esi\npop %ebp\npop %ebx\nret\n");
#endif

static uint8_t *code, *memory, ports[PORTS];
static unsigned long segment_base;
static unsigned forms, wrong;

static unsigned long draw(void)
{
    static uint64_t seed = 0x9e3779b97f4a7c15;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned long)seed;
}

// ---- what an encoding means

struct form {
    uint8_t prefixes[6], opcode;
    bool is_backward;
};

static bool has(const struct form *form, uint8_t prefix)
{
    return strchr((const char *)form->prefixes, prefix) != NULL;
}

static bool is_string(const struct form *form)
{
    return form->opcode < 0x70;
}

static bool is_output(const struct form *form)
{
    return form->opcode & 2;
}

static bool has_wide_rex(const struct form *form)
{
    return IS_64 && (has(form, 0x48) || has(form, 0x4f));
}

static unsigned width_of(const struct form *form)
{
    if (!(form->opcode & 1))
        return 1;
    return has(form, 0x66) && !has_wide_rex(form) ? 2 : 4;
}

static unsigned address_bits(const struct form *form)
{
    return has(form, 0x67) ? (IS_64 ? 32 : 16) : (IS_64 ? 64 : 32);
}

static unsigned long narrow(const struct form *form, unsigned long value)
{
    unsigned bits = address_bits(form);
    return bits == 64 ? value : value & ((1ul << (bits - 1) << 1) - 1);
}

// ---- what it should do

static void print_access(bool is_write, unsigned port, unsigned width)
{
    printf("%s ports+0x%x %u B = 0x", is_write ? "write" : "read", port - FIRST_PORT, width);
    for (unsigned i = width; i-- > 0;)
        printf("%02x", ports[port - FIRST_PORT + i]);
    putchar('\n');
}

static void move(const struct form *form, unsigned port, uint8_t *bytes)
{
    uint8_t *there = ports + port - FIRST_PORT;
    memcpy(is_output(form) ? there : bytes, is_output(form) ? bytes : there, width_of(form));
    print_access(is_output(form), port, width_of(form));
}

static void expect_string(const struct form *form, struct state *state, uint8_t *copy)
{
    bool repeats = has(form, 0xf2) || has(form, 0xf3);
    long step = form->is_backward ? -(long)width_of(form) : (long)width_of(form);
    unsigned long *pointer = is_output(form) ? &state->si : &state->di;
    for (unsigned i = 0; i < (repeats ? COUNT : 1u); i++) {
        unsigned long base = is_output(form) && has(form, 0x65) ? segment_base : 0;
        uint8_t *at = (uint8_t *)(narrow(form, *pointer) + base);
        bool is_in_memory = at >= memory && at < memory + AREA;
        move(form, state->dx & 0xffff, is_in_memory ? copy + (at - memory) : at);
        unsigned long moved = narrow(form, *pointer + (unsigned long)step);
        *pointer = address_bits(form) == 16 ? (*pointer & ~0xfffful) | moved : moved;
        if (repeats)
            state->cx = address_bits(form) == 16 ? (state->cx & ~0xfffful) | narrow(form, state->cx - 1)
                                                 : narrow(form, state->cx - 1);
    }
}

static void expect(const struct form *form, uint8_t immediate, struct state *state, uint8_t *copy)
{
    unsigned port = form->opcode & 8 ? state->dx & 0xffff : immediate;
    if (is_string(form)) {
        expect_string(form, state, copy);
        return;
    }
    if (!is_output(form) && width_of(form) == 4)
        state->ax &= 0xffffffff;
    uint8_t bytes[8];
    memcpy(bytes, &state->ax, sizeof state->ax);
    if (!is_output(form) && width_of(form) == 4)
        memset(bytes + 4, 0, 4);
    move(form, port, bytes);
    memcpy(&state->ax, bytes, sizeof state->ax);
}

// ---- one form

static unsigned write_code(const struct form *form, uint8_t immediate)
{
    unsigned length = (unsigned)strlen((const char *)form->prefixes);
    mprotect(code, 4096, PROT_READ | PROT_WRITE);
    memcpy(code, form->prefixes, length);
    code[length++] = form->opcode;
    if (!is_string(form) && !(form->opcode & 8))
        code[length++] = immediate;
    code[length] = 0xc3;
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    return length;
}

// What the instruction does not look at is drawn.
static struct state prepare(const struct form *form)
{
    unsigned long upper = has(form, 0x67) ? ~(narrow(form, ~0ul)) & draw() : 0;
    unsigned long base = is_output(form) && has(form, 0x65) ? segment_base : 0;
    struct state state = {.ax = draw(), .cx = draw(), .si = draw(), .di = draw()};
    state.dx = (draw() & ~0xfffful) | (FIRST_PORT + draw() % (PORTS - 4));
    state.flags = 2 | (draw() & FLAGS) | (form->is_backward ? DIRECTION : 0);
    if (is_string(form)) {
        unsigned long at = address_bits(form) == 16 ? MIDDLE : (unsigned long)memory + MIDDLE - base;
        *(is_output(form) ? &state.si : &state.di) = at | upper;
        if (has(form, 0xf2) || has(form, 0xf3))
            state.cx = COUNT | upper;
    }
    return state;
}

static void report(const struct form *form, const char *what, unsigned long is, unsigned long should)
{
    wrong++;
    printf("wrong:");
    for (const uint8_t *byte = form->prefixes; *byte != 0; byte++)
        printf(" %02x", *byte);
    printf(" %02x%s: %s is %lx, should be %lx\n", form->opcode, form->is_backward ? " backward" : "", what, is, should);
}

static void try(const struct form *form)
{
    uint8_t copy[AREA], immediate = (uint8_t)(FIRST_PORT + draw() % (PORTS - 4));
    for (unsigned i = 0; i < AREA; i++)
        copy[i] = memory[i] = (uint8_t)draw();
    struct state state = prepare(form), should = state;
    write_code(form, immediate);
    expect(form, immediate, &should, copy);
    io_run(&state, code);
    const char *const names[] = {"ax", "cx", "dx", "si", "di", "flags"};
    const unsigned long *is = &state.ax, *expected = &should.ax;
    for (unsigned i = 0; i < 6; i++) {
        unsigned long mask = i == 5 ? FLAGS | DIRECTION : ~0ul;
        if ((is[i] & mask) != (expected[i] & mask))
            report(form, names[i], is[i], expected[i]);
    }
    if (memcmp(copy, memory, AREA) != 0)
        report(form, "memory", 1, 0);
    forms++;
}

// ---- all of them

static const uint8_t opcodes[] = {0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0x6c, 0x6d, 0x6e, 0x6f};
static const char *const prefixes[] = {
    "",         "\x66",     "\xf3",     "\xf2",     "\x26", "\x2e",     "\x36",     "\x3e",
    "\x67",     "\x66\xf3", "\xf2\x66", "\x67\xf3", "\x65", "\x65\xf3", "\x65\x67", "\x66\x67\xf3\x65",
    "\x66\x66", "\x64\x65"};
static const char *const rex_prefixes[] = {"\x40", "\x48", "\x66\x48", "\xf3\x48", "\x66\xf3\x48", "\x67\x4f"};

static bool can_be_tried(const struct form *form)
{
    // Addresses of 16 bits reach nothing but by a segment, which a destination has none of.
    return address_bits(form) != 16 || !is_string(form) || (is_output(form) && has(form, 0x65));
}

static void try_prefixes(const char *text)
{
    for (unsigned i = 0; i < sizeof opcodes; i++)
        for (int is_backward = 0; is_backward < 2; is_backward++) {
            struct form form = {.opcode = opcodes[i], .is_backward = is_backward};
            strcpy((char *)form.prefixes, text);
            if ((is_string(&form) || !is_backward) && can_be_tried(&form))
                try(&form);
        }
}

static void find_segment(void)
{
#ifdef __x86_64__
    segment_base = 0x1000;
    if (syscall(SYS_arch_prctl, ARCH_SET_GS, segment_base) != 0)
        abort();
#else
    __asm__("mov %%gs:0, %0" : "=r"(segment_base));
#endif
}

int main(void)
{
    int low = IS_64 ? MAP_32BIT : 0;
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | low, -1, 0);
    if (iopl(3) != 0) {
        perror("io_forms: iopl");
        return 2;
    }
    find_segment();
    for (unsigned i = 0; i < PORTS; i++) {
        ports[i] = (uint8_t)draw();
        outb(ports[i], (unsigned short)(FIRST_PORT + i));
        print_access(true, FIRST_PORT + i, 1);
    }
    for (unsigned i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        try_prefixes(prefixes[i]);
    for (unsigned i = 0; IS_64 && i < sizeof rex_prefixes / sizeof rex_prefixes[0]; i++)
        try_prefixes(rex_prefixes[i]);
    printf("forms: %u, %u wrong\n", forms, wrong);
    return wrong != 0;
}
