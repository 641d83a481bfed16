// SPDX-License-Identifier: Apache-2.0
// A window as the buffer of system calls and streams: the kernel copies from and to devices as from and to memory.
#include "behaviour.h"

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { BYTES = 40, AT = 256 };
static volatile uint8_t *device;
static char text[] = "these bytes pass through a device, 40 B..";

// Without a size that the compiler knows, the fortified build imports the checking names.
static size_t some(size_t count)
{
    static volatile size_t kept;
    kept = count;
    return kept;
}

static void *window(void)
{
    return (void *)(uintptr_t)(device + AT);
}

static void fill_window(void)
{
    device = map_device();
    for (int i = 0; i < BYTES; i += 4)
        device_write32(device, AT + (uint64_t)i, *(uint32_t *)(text + i));
}

static void clear_window(void)
{
    device = map_device();
    for (int i = 0; i < BYTES + 8; i += 4)
        device_write32(device, AT + (uint64_t)i, 0);
}

static void require_window(size_t count)
{
    for (size_t i = 0; i < count; i++)
        REQUIRE(device[AT + i] == (uint8_t)text[i]);
}

static void require_text(const char *got)
{
    REQUIRE(memcmp(got, text, BYTES) == 0);
}

static int scratch_file(void)
{
    return memfd_create("scratch", 0);
}

static void write_to_pipe(void)
{
    int ends[2];
    char got[BYTES];
    fill_window();
    REQUIRE(pipe(ends) == 0 && write(ends[1], window(), BYTES) == BYTES);
    REQUIRE(read(ends[0], got, sizeof got) == BYTES);
    require_text(got);
}

static void read_from_pipe(void)
{
    int ends[2];
    clear_window();
    REQUIRE(pipe(ends) == 0 && write(ends[1], text, BYTES) == BYTES);
    REQUIRE(read(ends[0], window(), some(PAGE - AT)) == BYTES);
    require_window(BYTES);
    REQUIRE(device[AT + BYTES] == 0);
}

static void with_a_file(void)
{
    char got[BYTES];
    int file = scratch_file();
    fill_window();
    REQUIRE(pwrite(file, window(), BYTES, 3) == BYTES && pread(file, got, BYTES, 3) == BYTES);
    require_text(got);
    clear_window();
    REQUIRE(pread(file, window(), some(BYTES), 3) == BYTES);
    require_window(BYTES);
    REQUIRE(pread64(file, window(), some(BYTES), 5) == BYTES - 2);
}

static void by_number(void)
{
    char got[BYTES];
    int file = scratch_file();
    fill_window();
    REQUIRE(syscall(SYS_pwrite64, file, window(), BYTES, 0, 0) == BYTES && pread(file, got, BYTES, 0) == BYTES);
    require_text(got);
    clear_window();
    REQUIRE(syscall(SYS_read, file, window(), BYTES) == BYTES);
    require_window(BYTES);
}

static void in_pieces(void)
{
    char head[] = "head", tail[] = "tail", got[8 + BYTES] = "";
    int file = scratch_file();
    struct iovec from[] = {{head, 4}, {window(), BYTES}, {NULL, 0}, {tail, 4}};
    fill_window();
    from[1].iov_base = window();
    REQUIRE(writev(file, from, 4) == sizeof got && pread(file, got, sizeof got, 0) == sizeof got);
    REQUIRE(memcmp(got, "head", 4) == 0 && memcmp(got + 4 + BYTES, "tail", 4) == 0);
    require_text(got + 4);
    clear_window();
    memset(head, 0, 4);
    REQUIRE(preadv(file, from, 4, 0) == sizeof got && memcmp(head, "head", 4) == 0);
    require_window(BYTES);
    REQUIRE(lseek(file, 20, SEEK_SET) == 20 && readv(file, from, 4) == sizeof got - 20);
    REQUIRE(preadv2(file, from, 4, 0, 0) == sizeof got && pwritev(file, from, 4, 0) == sizeof got);
    require_window(BYTES);
}

static void by_send(void)
{
    int sockets[2];
    char got[BYTES];
    fill_window();
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    REQUIRE(send(sockets[0], window(), BYTES, 0) == BYTES && recv(sockets[1], got, BYTES, 0) == BYTES);
    require_text(got);
    REQUIRE(sendto(sockets[0], window(), BYTES, 0, NULL, 0) == BYTES);
    clear_window();
    REQUIRE(recv(sockets[1], window(), some(BYTES), 0) == BYTES);
    require_window(BYTES);
    REQUIRE(send(sockets[0], text, BYTES, 0) == BYTES);
    clear_window();
    REQUIRE(recvfrom(sockets[1], window(), some(BYTES), 0, NULL, NULL) == BYTES);
    require_window(BYTES);
}

static void by_messages(void)
{
    int sockets[2];
    char head[4] = {'h', 'e', 'a', 'd'}, got[4 + BYTES];
    clear_window();
    struct iovec pieces[] = {{head, 4}, {window(), BYTES}}, plain = {got, sizeof got};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2}, other = {.msg_iov = &plain, .msg_iovlen = 1};
    fill_window();
    pieces[1].iov_base = window();
    REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) == 0);
    REQUIRE(sendmsg(sockets[0], &message, 0) == sizeof got && recvmsg(sockets[1], &other, 0) == sizeof got);
    require_text(got + 4);
    REQUIRE(message.msg_iov == pieces && pieces[1].iov_base == window());
    clear_window();
    pieces[1].iov_base = window();
    REQUIRE(sendmsg(sockets[0], &other, 0) == sizeof got && recvmsg(sockets[1], &message, 0) == sizeof got);
    require_window(BYTES);
}

static void by_many_messages(void)
{
    int sockets[2];
    fill_window();
    struct iovec piece = {window(), BYTES};
    struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}}};
    REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) == 0);
    REQUIRE(sendmmsg(sockets[0], messages, 2, 0) == 2 && messages[1].msg_len == BYTES);
    clear_window();
    piece.iov_base = window();
    REQUIRE(recvmmsg(sockets[1], messages, 2, 0, NULL) == 2 && messages[1].msg_len == BYTES);
    require_window(BYTES);
}

static void by_streams(void)
{
    FILE *stream = tmpfile();
    char got[BYTES];
    fill_window();
    REQUIRE(fwrite(window(), 1, BYTES, stream) == BYTES && fflush(stream) == 0);
    rewind(stream);
    REQUIRE(fread(got, 1, BYTES, stream) == BYTES);
    require_text(got);
    clear_window();
    rewind(stream);
    REQUIRE(fread(window(), 4, some(BYTES), stream) == BYTES / 4 && feof(stream));
    require_window(BYTES);
}

static void large_streams(void)
{
    enum { LARGE = PAGE - AT };
    static char bytes[LARGE];
    FILE *stream = tmpfile();
    device = map_device();
    for (int i = 0; i < LARGE; i++)
        bytes[i] = (char)(i * 7 + (i >> 8));
    REQUIRE(fwrite(bytes, 1, LARGE, stream) == LARGE && fflush(stream) == 0);
    rewind(stream);
    REQUIRE(fread(window(), 1, some(LARGE), stream) == LARGE);
    REQUIRE(memcmp(window(), bytes, LARGE) == 0);
    rewind(stream);
    REQUIRE(fwrite(window(), 1, LARGE, stream) == LARGE && fflush(stream) == 0);
    memset(bytes, 0, LARGE);
    REQUIRE(pread(fileno(stream), bytes, LARGE, 0) == LARGE && bytes[1] == 7 && bytes[300] == (char)(300 * 7 + 1));
}

static void unlocked_streams(void)
{
    FILE *stream = tmpfile();
    fill_window();
    REQUIRE(fwrite_unlocked(window(), 1, BYTES, stream) == BYTES && fflush(stream) == 0);
    rewind(stream);
    clear_window();
    REQUIRE(fread_unlocked(window(), 1, some(BYTES), stream) == BYTES);
    require_window(BYTES);
}

static void lines(void)
{
    FILE *stream = tmpfile();
    clear_window();
    REQUIRE(fputs("a line\nanother", stream) >= 0 && fflush(stream) == 0);
    rewind(stream);
    REQUIRE(fgets(window(), (int)some(BYTES), stream) == window());
    REQUIRE(memcmp(window(), "a line\n", 8) == 0);
    REQUIRE(fputs(window(), stream) >= 0 && fprintf(stream, "%s", (char *)window()) == 7);
    REQUIRE(sprintf(window(), "%d", (int)some(1234)) == 4 && memcmp(window(), "1234", 5) == 0);
}

static void from_device_to_device(void)
{
    char got[BYTES];
    fill_window();
    int fd = open_device(O_RDWR);
    REQUIRE(pwrite(fd, window(), BYTES, device_base + AT + 128) == BYTES);
    REQUIRE(pread(fd, got, BYTES, device_base + AT + 128) == BYTES);
    require_text(got);
}

static void string_functions(void)
{
    static char other[BYTES];
    device = map_device();
    memcpy(window(), text, some(BYTES));
    require_window(BYTES);
    memcpy(other, window(), some(BYTES));
    require_text(other);
    memmove((char *)window() + 3, window(), some(BYTES));
    REQUIRE(memcmp((char *)window() + 3, text, some(BYTES)) == 0);
    memset(window(), 'x', some(BYTES));
    REQUIRE(memchr(window(), 'y', some(BYTES)) == NULL && device[AT + BYTES - 1] == 'x');
    strcpy(window(), "short");
    REQUIRE(strlen(window()) == 5 && strcmp(window(), "short") == 0 && strchr(window(), 'r') == (char *)window() + 3);
}

static void partly_beyond(void)
{
    int ends[2];
    char got[16];
    uint8_t *area = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *mapped = mmap(area, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, open_device(O_RDWR), device_base);
    REQUIRE(mapped == area && pipe(ends) == 0);
    memcpy(area + PAGE - 8, text, 16);
    REQUIRE(write(ends[1], area + PAGE - 8, 16) == 16 && read(ends[0], got, 16) == 16 && memcmp(got, text, 16) == 0);
    REQUIRE(write(ends[1], text + 16, 16) == 16 && read(ends[0], area + PAGE - 8, 16) == 16);
    REQUIRE(memcmp(area + PAGE - 8, text + 16, 16) == 0);
}

// Kernel and device agree on what can't be read or written: EFAULT, not a signal.
static void closed_pages(void)
{
    int ends[2];
    fill_window();
    REQUIRE(pipe(ends) == 0 && mprotect((void *)device, PAGE, PROT_NONE) == 0);
    REQUIRE(write(ends[1], window(), BYTES) == -1 && errno == EFAULT);
    REQUIRE(mprotect((void *)device, PAGE, PROT_READ) == 0);
    REQUIRE(write(ends[1], window(), BYTES) == BYTES);
    REQUIRE(read(ends[0], window(), BYTES) == -1 && errno == EFAULT);
}

static void bad_pointers(void)
{
    int ends[2];
    REQUIRE(pipe(ends) == 0 && write(ends[1], text, 8) == 8);
    device = map_device();
    use_device(device, 0);
    REQUIRE(write(ends[1], (void *)16, (size_t)some(8)) == -1 && errno == EFAULT);
    REQUIRE(read(ends[0], (void *)16, some(8)) == -1 && errno == EFAULT);
    use_device(device, 0);
}

static void random_bytes(void)
{
    clear_window();
    REQUIRE(getrandom(window(), 16, 0) == 16);
}

static void between_processes(void)
{
    char got[BYTES];
    fill_window();
    struct iovec here = {window(), BYTES}, there = {got, BYTES};
    REQUIRE(process_vm_writev(getpid(), &here, 1, &there, 1, 0) == BYTES);
    require_text(got);
    clear_window();
    here.iov_base = window();
    REQUIRE(process_vm_readv(getpid(), &here, 1, &there, 1, 0) == BYTES);
    require_window(BYTES);
}

static void nothing_moved(void)
{
    int ends[2];
    clear_window();
    REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
    REQUIRE(read(ends[0], window(), BYTES) == -1 && errno == EAGAIN);
    REQUIRE(write(-1, window(), BYTES) == -1 && errno == EBADF);
    close(ends[1]);
    REQUIRE(read(ends[0], window(), BYTES) == 0 && device[AT] == 0);
}

const struct behaviour behaviours[] = {
    {.name = "write to a pipe", .show = write_to_pipe},
    {.name = "read from a pipe", .show = read_from_pipe},
    {.name = "pwrite and pread of a file", .show = with_a_file},
    {.name = "write and read by the raw system calls", .show = by_number},
    {.name = "readv and writev, mixed with memory", .show = in_pieces},
    {.name = "send, sendto, recv, recvfrom", .show = by_send},
    {.name = "sendmsg and recvmsg, mixed with memory", .show = by_messages},
    {.name = "sendmmsg and recvmmsg", .show = by_many_messages},
    {.name = "fwrite and fread", .show = by_streams},
    {.name = "fwrite and fread of more than a buffer", .show = large_streams},
    {.name = "fwrite_unlocked and fread_unlocked", .show = unlocked_streams},
    {.name = "fgets, fputs, fprintf, sprintf", .show = lines},
    {.name = "pwrite from device to device", .show = from_device_to_device},
    {.name = "memcpy, memmove, memset, strcpy, strlen", .show = string_functions},
    {.name = "a buffer half device, half memory", .show = partly_beyond},
    {.name = "EFAULT where the pages are closed", .show = closed_pages},
    {.name = "EFAULT where there are no pages", .show = bad_pointers},
    {.name = "getrandom", .show = random_bytes},
    {.name = "process_vm_readv and process_vm_writev", .show = between_processes},
    {.name = "calls that move nothing", .show = nothing_moved},
    {.name = NULL},
};
