// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program without Trapline: writes down every load and store that it makes on a mapping of the file
// that NATIVE_FILE names, as lines "read 0x8 4 B" in the file that NATIVE_LOG names. It is the reference for what a
// program does on hardware: each instruction runs where it stands, on memory, with the page opened for it alone by a
// single step. For programs with one thread. Masked accesses count as whole.
#define _GNU_SOURCE
#include <Zydis/Zydis.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

enum { TRAP_FLAG = 0x100 };

static uint8_t *mapped;
static size_t mapped_bytes;
static int log_file = -1;

// ZydisRegister by the register numbers of instruction encodings is a block in order, and so is this.
static const int in_frame[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                               REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static ZydisRegisterContext registers_of(const ucontext_t *context)
{
    ZydisRegisterContext registers = {0};
    for (int i = 0; i < 16; i++)
        registers.values[ZYDIS_REGISTER_RAX + i] = (uint64_t)context->uc_mcontext.gregs[in_frame[i]];
    registers.values[ZYDIS_REGISTER_RIP] = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    return registers;
}

static void write_down(const char *operation, uint64_t address, unsigned bytes)
{
    if (address - (uint64_t)mapped < mapped_bytes)
        dprintf(log_file, "%s 0x%llx %u B\n", operation, (unsigned long long)(address - (uint64_t)mapped), bytes);
}

static void write_down_instruction(const ucontext_t *context)
{
    ZydisDecoder decoder;
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisRegisterContext registers = registers_of(context);
    uint64_t pc = registers.values[ZYDIS_REGISTER_RIP], address;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, (void *)pc, 15, &instruction, operands)))
        abort();
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < instruction.operand_count; i++) {
            const ZydisDecodedOperand *operand = &operands[i];
            ZydisOperandActions wanted = pass == 0 ? ZYDIS_OPERAND_ACTION_MASK_READ : ZYDIS_OPERAND_ACTION_MASK_WRITE;
            if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->actions & wanted &&
                ZYAN_SUCCESS(ZydisCalcAbsoluteAddressEx(&instruction, operand, pc, &registers, &address)))
                write_down(pass == 0 ? "read" : "write", address, operand->size / 8);
        }
}

static void on_access(int signal, siginfo_t *info, void *frame)
{
    ucontext_t *context = frame;
    (void)signal;
    if ((uint64_t)info->si_addr - (uint64_t)mapped >= mapped_bytes)
        abort();
    write_down_instruction(context);
    mprotect(mapped, mapped_bytes, PROT_READ | PROT_WRITE);
    context->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void on_step(int signal, siginfo_t *info, void *frame)
{
    (void)signal, (void)info;
    mprotect(mapped, mapped_bytes, PROT_NONE);
    ((ucontext_t *)frame)->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(signal, &action, NULL);
}

static bool is_watched(int fd)
{
    struct stat wanted, given;
    const char *path = getenv("NATIVE_FILE");
    return path != NULL && stat(path, &wanted) == 0 && fstat(fd, &given) == 0 && given.st_ino == wanted.st_ino &&
           given.st_dev == wanted.st_dev;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    static void *(*real)(void *, size_t, int, int, int, off_t);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "mmap");
    bool watched = fd >= 0 && is_watched(fd);
    void *result = real(address, length, watched ? PROT_NONE : protection, flags, fd, offset);
    if (watched && result != MAP_FAILED) {
        mapped = result;
        mapped_bytes = length;
        log_file = open(getenv("NATIVE_LOG"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        handle(SIGSEGV, on_access);
        handle(SIGTRAP, on_step);
    }
    return result;
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return mmap(address, length, protection, flags, fd, offset);
}
