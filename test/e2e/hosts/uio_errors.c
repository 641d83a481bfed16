// SPDX-License-Identifier: Apache-2.0
// uio_errors PATH: what each operation on a UIO device with one map of a page returns, rightly or wrongly used: a line
// each, `NAME RESULT` with a number or the name of an errno.
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "device.h"

enum { PAGE = 4096 };

static void tell(const char *name, long result)
{
    if (result < 0)
        printf("%s %s\n", name, strerrorname_np(errno));
    else
        printf("%s %ld\n", name, result);
}

static void tell_map(const char *name, int fd, size_t length, int protection, off_t offset)
{
    void *mapped = mmap(NULL, length, protection, MAP_SHARED, fd, offset);
    tell(name, mapped == MAP_FAILED ? -1 : munmap(mapped, length));
}

static void tell_reads(int fd)
{
    uint64_t bytes = 0;
    tell("read of 0", read(fd, &bytes, 0));
    tell("read of 3", read(fd, &bytes, 3));
    tell("read of 8", read(fd, &bytes, 8));
    tell("read of 4, nothing came", read(fd, &bytes, 4));
    tell("pread of 4", pread(fd, &bytes, 4, 0));
}

static void tell_writes(int fd, int reader)
{
    const uint64_t bytes = 1;
    tell("write of 0", write(fd, &bytes, 0));
    tell("write of 3", write(fd, &bytes, 3));
    tell("write of 8", write(fd, &bytes, 8));
    tell("write of 4", write(fd, &bytes, 4));
    tell("write of 4, opened to read", write(reader, &bytes, 4));
}

static void tell_maps(int fd, int reader)
{
    tell_map("mmap of map 0", fd, PAGE, PROT_READ | PROT_WRITE, 0);
    tell_map("mmap of a part of map 0", fd, 100, PROT_READ, 0);
    tell_map("mmap beyond map 0", fd, PAGE + 1, PROT_READ, 0);
    tell_map("mmap of map 1, there is none", fd, PAGE, PROT_READ, PAGE);
    tell_map("mmap at half a page", fd, PAGE, PROT_READ, PAGE / 2);
    tell_map("mmap of nothing", fd, 0, PROT_READ, 0);
    tell_map("mmap to write, opened to read", reader, PAGE, PROT_READ | PROT_WRITE, 0);
}

static void tell_waiting(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLIN | POLLOUT};
    tell("poll for 0 ms", poll(&item, 1, 0));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    tell("select for 0 ms", select(fd + 1, &set, NULL, NULL, &(struct timeval){0}));
}

static void tell_file(int fd, const char *path)
{
    struct stat status;
    tell("lseek", lseek(fd, 0, SEEK_SET));
    tell("ioctl", ioctl(fd, _IO('x', 1)));
    tell("ftruncate", ftruncate(fd, 0));
    tell("fsync", fsync(fd));
    tell("fstat", fstat(fd, &status));
    printf("is a character device %d\n", S_ISCHR(status.st_mode));
    tell("open as a directory", open(path, O_RDONLY | O_DIRECTORY));
    tell("access", access(path, R_OK | W_OK));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    int fd = open(argv[1], O_RDWR | O_NONBLOCK), reader = open(argv[1], O_RDONLY | O_NONBLOCK);
    if (fd < 0 || reader < 0) {
        perror(argv[1]);
        return 2;
    }
    tell_reads(fd);
    tell_writes(fd, reader);
    tell_maps(fd, reader);
    tell_waiting(fd);
    tell_file(fd, argv[1]);
    return 0;
}
