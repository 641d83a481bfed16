// SPDX-License-Identifier: Apache-2.0
// Names by which a device is opened, asked about, listed, and read and written as a file.
#include "behaviour.h"
#include "machine.h"

#include <dirent.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

// Without a constant second argument the fortified build imports __open_2 and its kin.
static int flags_unknown(int flags)
{
    static volatile int kept;
    kept = flags;
    return kept;
}

static void require_device(int fd)
{
    REQUIRE(fd >= 0);
    volatile uint8_t *mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, device_base);
    REQUIRE(mapped != MAP_FAILED && close(fd) == 0);
    use_device(mapped, 64);
}

// Without a size that the compiler knows, the fortified build imports the checking names.
static size_t some(size_t count)
{
    static volatile size_t kept;
    kept = count;
    return kept;
}

static char *directory(void)
{
    return dirname(strdup(device_path));
}

static char *name(void)
{
    return basename(strdup(device_path));
}

static int open_directory(void)
{
    int fd = open(directory(), O_RDONLY | O_DIRECTORY);
    REQUIRE(fd >= 0);
    return fd;
}

static void by_open(void)
{
    require_device(open(device_path, O_RDWR));
    require_device(open(device_path, flags_unknown(O_RDWR | O_SYNC)));
}
static void by_open64(void)
{
    require_device(open64(device_path, O_RDWR));
    require_device(open64(device_path, flags_unknown(O_RDWR)));
}
static void by_openat(void)
{
    require_device(openat(AT_FDCWD, device_path, O_RDWR));
    require_device(openat(open_directory(), name(), flags_unknown(O_RDWR)));
    require_device(openat64(open_directory(), name(), O_RDWR));
    require_device(openat64(open_directory(), name(), flags_unknown(O_RDWR)));
}
static void with_o_creat(void)
{
    require_device(open(device_path, O_RDWR | O_CREAT, 0600));
}
static void by_number(void)
{
    struct open_how how = {.flags = O_RDWR};
    require_device((int)syscall(SYS_open, device_path, O_RDWR, 0));
    require_device((int)syscall(SYS_openat, AT_FDCWD, device_path, O_RDWR, 0));
    require_device((int)syscall(SYS_openat2, AT_FDCWD, device_path, &how, sizeof how));
}
static void relative(void)
{
    REQUIRE(chdir(directory()) == 0);
    require_device(open(name(), O_RDWR));
}
static void oddly_spelled(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/%s/./../%s//%s", directory(), basename(directory()), name());
    require_device(open(path, O_RDWR));
}
static void by_descriptor_link(void)
{
    char path[64];
    int fd = open_device(O_RDWR);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    require_device(open(path, O_RDWR));
}

// A stream reads and writes, and its descriptor can be mapped.
static void require_stream(FILE *stream)
{
    uint32_t word = 0x57eea3ed, got = 0;
    REQUIRE(stream != NULL && fseeko(stream, device_base + 128, SEEK_SET) == 0);
    REQUIRE(fwrite(&word, sizeof word, 1, stream) == 1 && fflush(stream) == 0);
    REQUIRE(fseeko(stream, device_base + 128, SEEK_SET) == 0 && fread(&got, sizeof got, 1, stream) == 1 && got == word);
    require_device(dup(fileno(stream)));
    REQUIRE(fclose(stream) == 0);
}
static void by_fopen(void)
{
    require_stream(fopen(device_path, "r+"));
    require_stream(fopen64(device_path, "r+b"));
}
static void by_fdopen(void)
{
    require_stream(fdopen(open_device(O_RDWR), "r+"));
}
static void no_directory(void)
{
    REQUIRE(open(device_path, O_RDWR | O_DIRECTORY) == -1 && errno == ENOTDIR);
    REQUIRE(open(device_path, O_RDWR | O_CREAT | O_EXCL, 0600) == -1 && errno == EEXIST);
}
static void not_there(void)
{
    REQUIRE(open("/dev/no-such-device", O_RDWR) == -1 && errno == ENOENT);
    REQUIRE(openat(open_directory(), "no-such-device", O_RDWR) == -1 && errno == ENOENT);
}
static void by_path_descriptor(void)
{
    struct stat status;
    int fd = open(device_path, O_PATH);
    REQUIRE(fd >= 0 && fstat(fd, &status) == 0);
    REQUIRE(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, device_base) == MAP_FAILED && errno == EBADF);
}

// In /dev are character devices; what stands in for one on memory is an ordinary file.
static bool is_right_type(mode_t mode)
{
    return strncmp(device_path, "/dev/", 5) == 0 ? S_ISCHR(mode) : S_ISREG(mode);
}

static void type_by_stat(void)
{
    struct stat status[5];
    memset(status, 0xff, sizeof status);
    REQUIRE(stat(device_path, &status[0]) == 0 && lstat(device_path, &status[1]) == 0);
    REQUIRE(fstat(open_device(O_RDONLY), &status[2]) == 0);
    REQUIRE(fstatat(AT_FDCWD, device_path, &status[3], AT_SYMLINK_NOFOLLOW) == 0);
    REQUIRE(fstatat(open_device(O_RDONLY), "", &status[4], AT_EMPTY_PATH) == 0);
    for (int i = 0; i < 5; i++)
        REQUIRE(is_right_type(status[i].st_mode) && status[i].st_rdev == status[0].st_rdev &&
                status[i].st_ino == status[0].st_ino);
    REQUIRE(!S_ISCHR(status[0].st_mode) || strcmp(device_path, "/dev/mem") != 0 || status[0].st_rdev == makedev(1, 1));
}

static void type_by_statx(void)
{
    struct statx status;
    REQUIRE(statx(AT_FDCWD, device_path, 0, STATX_BASIC_STATS, &status) == 0 && is_right_type(status.stx_mode));
    REQUIRE(statx(open_device(O_RDONLY), "", AT_EMPTY_PATH, STATX_TYPE, &status) == 0 &&
            is_right_type(status.stx_mode));
    REQUIRE(statx(open_directory(), name(), 0, STATX_TYPE, &status) == 0 && is_right_type(status.stx_mode));
}

static void type_by_number(void)
{
    struct stat status;
    REQUIRE(syscall(NUMBER_OF_STAT, device_path, &status) == 0 && is_right_type(status.st_mode));
    REQUIRE(syscall(NUMBER_OF_FSTATAT, AT_FDCWD, device_path, &status, 0) == 0 && is_right_type(status.st_mode));
    REQUIRE(syscall(SYS_access, device_path, R_OK | W_OK) == 0);
}

static void asked_for_access(void)
{
    REQUIRE(access(device_path, F_OK) == 0 && access(device_path, R_OK | W_OK) == 0);
    REQUIRE(faccessat(open_directory(), name(), R_OK, 0) == 0);
    REQUIRE(faccessat(AT_FDCWD, device_path, R_OK | W_OK, AT_EACCESS) == 0);
    REQUIRE(eaccess(device_path, R_OK | W_OK) == 0 && euidaccess(device_path, R_OK) == 0);
    REQUIRE(access(device_path, X_OK) == -1 && errno == EACCES);
}

static void link_of_descriptor(void)
{
    char link[64], target[PATH_MAX] = "";
    ssize_t length = (ssize_t)strlen(device_path);
    snprintf(link, sizeof link, "/proc/self/fd/%d", open_device(O_RDWR));
    REQUIRE(readlink(link, target, sizeof target) == length && strcmp(target, device_path) == 0);
    REQUIRE(readlinkat(AT_FDCWD, link, target, 4) == 4);
    REQUIRE(realpath(link, target) != NULL && strcmp(target, device_path) == 0);
}

static void real_path(void)
{
    char spelled[PATH_MAX], target[PATH_MAX];
    snprintf(spelled, sizeof spelled, "%s/.//%s", directory(), name());
    REQUIRE(realpath(spelled, target) != NULL && strcmp(target, device_path) == 0);
    REQUIRE(strcmp(canonicalize_file_name(spelled), device_path) == 0);
    REQUIRE(readlink(device_path, target, sizeof target) == -1 && errno == EINVAL);
}

static int is_device(const struct dirent *entry)
{
    return strcmp(entry->d_name, name()) == 0;
}

static void listed_by_readdir(void)
{
    DIR *streams[] = {opendir(directory()), fdopendir(open_directory())};
    for (int i = 0; i < 2; i++)
        for (int pass = 0; pass < 2; pass++) {
            int found = 0;
            for (struct dirent *entry; (entry = readdir(streams[i])) != NULL;)
                found += is_device(entry);
            REQUIRE(found == 1);
            rewinddir(streams[i]);
        }
    REQUIRE(closedir(streams[0]) == 0 && closedir(streams[1]) == 0);
}

static void listed_by_scandir(void)
{
    struct dirent **list;
    REQUIRE(scandir(directory(), &list, is_device, alphasort) == 1 && strcmp(list[0]->d_name, name()) == 0);
}

static void listed_by_glob(void)
{
    char pattern[PATH_MAX];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%.*s*", (int)strlen(device_path) - 1, device_path);
    REQUIRE(glob(pattern, 0, NULL, &found) == 0);
    bool any = false;
    for (size_t i = 0; i < found.gl_pathc; i++)
        any = any || strcmp(found.gl_pathv[i], device_path) == 0;
    REQUIRE(any);
    REQUIRE(glob(device_path, 0, NULL, &found) == 0 && found.gl_pathc == 1);
}

static void read_and_written(void)
{
    uint32_t out = 0x11223344, in = 0;
    int fd = open_device(O_RDWR);
    REQUIRE(lseek(fd, device_base + 16, SEEK_SET) == device_base + 16);
    REQUIRE(write(fd, &out, 4) == 4 && lseek(fd, 0, SEEK_CUR) == device_base + 20);
    REQUIRE(lseek(fd, -4, SEEK_CUR) == device_base + 16 && read(fd, &in, 4) == 4 && in == out);
    REQUIRE(lseek64(fd, 0, SEEK_CUR) == device_base + 20);
    REQUIRE(device_read32(map_device(), 16) == out);
}

static void read_and_written_at(void)
{
    uint64_t out = 0x1122334455667788, in = 0;
    int fd = open_device(O_RDWR);
    REQUIRE(pwrite(fd, &out, 8, device_base + 24) == 8 && pread(fd, &in, 8, device_base + 24) == 8 && in == out);
    REQUIRE(pwrite64(fd, &out, 2, device_base + 26) == 2 && pread64(fd, &in, 8, device_base + 24) == 8);
    REQUIRE(in == 0x1122334477887788);
    REQUIRE(pread(fd, &in, 8, -1) == -1 && errno == EINVAL);
    REQUIRE(lseek(fd, 0, SEEK_CUR) == 0);
}

static void read_and_written_in_pieces(void)
{
    uint32_t out[2] = {1, 2}, in[2] = {0};
    struct iovec from[] = {{&out[0], 4}, {&out[1], 4}}, to[] = {{&in[0], 4}, {&in[1], 4}};
    int fd = open_device(O_RDWR);
    REQUIRE(pwritev(fd, from, 2, device_base + 32) == 8 && preadv(fd, to, 2, device_base + 32) == 8);
    REQUIRE(in[0] == 1 && in[1] == 2);
    REQUIRE(lseek(fd, device_base + 32, SEEK_SET) == device_base + 32 && readv(fd, to, 2) == 8);
    out[0] = 7;
    REQUIRE(lseek(fd, device_base + 32, SEEK_SET) == device_base + 32 && writev(fd, from, 2) == 8);
    REQUIRE(pread(fd, in, 4, device_base + 32) == 4 && in[0] == 7);
}

// What nobody has written is X in a simulator with four states, and no answer.
static void write_first(off_t position, size_t count)
{
    const uint8_t bytes[16] = {0};
    REQUIRE(pwrite(open_device(O_RDWR), bytes, some(count), position) == (ssize_t)count);
}

// Readable and writable up to its last 4 bytes, behind which nothing is.
static uint32_t *before_nowhere(int protection)
{
    uint8_t *pages = mmap(NULL, 2 * PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(pages != MAP_FAILED && munmap(pages + PAGE, PAGE) == 0 && mprotect(pages, PAGE, protection) == 0);
    return (uint32_t *)(void *)(pages + PAGE - sizeof(uint32_t));
}

static void pointers_to_nowhere(void)
{
    struct iovec good = {before_nowhere(BOTH), 4}, *table = (struct iovec *)(void *)before_nowhere(BOTH);
    int fd = open_device(O_RDWR);
    write_first(device_base, 4);
    for (uintptr_t nowhere = 0; nowhere < 64; nowhere += 8) {
        REQUIRE(pread(fd, (void *)nowhere, some(4), device_base) == -1 && errno == EFAULT);
        REQUIRE(pwrite(fd, (void *)nowhere, some(4), device_base) == -1 && errno == EFAULT);
    }
    REQUIRE(pread(fd, before_nowhere(PROT_READ), some(4), device_base) == -1 && errno == EFAULT);
    REQUIRE(pwrite(fd, before_nowhere(PROT_NONE), some(4), device_base) == -1 && errno == EFAULT);
    REQUIRE(preadv(fd, table, 1, device_base) == -1 && errno == EFAULT);
    REQUIRE(preadv(fd, &good, 1, device_base) == 4);
    REQUIRE(lseek(fd, device_base, SEEK_SET) == device_base && read(fd, NULL, some(4)) == -1 && errno == EFAULT);
    REQUIRE(write(fd, NULL, some(4)) == -1 && errno == EFAULT && lseek(fd, 0, SEEK_CUR) == device_base);
    use_device(map_device(), 64);
}

static void half_a_buffer(void)
{
    int fd = open_device(O_RDWR);
    REQUIRE(pwrite(fd, before_nowhere(BOTH), some(8), device_base + 72) == 4);
    REQUIRE(pread(fd, before_nowhere(BOTH), some(8), device_base + 72) == 4);
    use_device(map_device(), 64);
}

static void shared_position(void)
{
    uint32_t word;
    int fd = open_device(O_RDWR), copy = dup(fd);
    write_first(device_base + 8, 8);
    lseek(fd, device_base + 8, SEEK_SET);
    REQUIRE(read(fd, &word, 4) == 4 && lseek(copy, 0, SEEK_CUR) == device_base + 12);
    pid_t child = fork();
    if (child == 0) {
        REQUIRE(read(copy, &word, 4) == 4);
        _exit(0);
    }
    require_success(child);
    REQUIRE(lseek(fd, 0, SEEK_CUR) == device_base + 16);
}

static void only_as_opened(void)
{
    uint32_t word = 0;
    REQUIRE(write(open_device(O_RDONLY), &word, 4) == -1 && errno == EBADF);
    REQUIRE(read(open_device(O_WRONLY), &word, 4) == -1 && errno == EBADF);
    REQUIRE((fcntl(open_device(O_RDONLY), F_GETFL) & O_ACCMODE) == O_RDONLY);
}

const struct behaviour behaviours[] = {
    {.name = "open", .show = by_open},
    {.name = "open64", .show = by_open64},
    {.name = "openat", .show = by_openat},
    {.name = "open with O_CREAT", .show = with_o_creat},
    {.name = "open by the raw system calls", .show = by_number},
    {.name = "open by a relative path", .show = relative},
    {.name = "open by an odd spelling", .show = oddly_spelled},
    {.name = "open by its link in /proc/self/fd", .show = by_descriptor_link},
    {.name = "fopen", .show = by_fopen},
    {.name = "fdopen", .show = by_fdopen},
    {.name = "O_DIRECTORY and O_EXCL are refused", .show = no_directory},
    {.name = "what is not there is not there", .show = not_there},
    {.name = "O_PATH", .show = by_path_descriptor},
    {.name = "its type by stat, lstat, fstat, fstatat", .show = type_by_stat},
    {.name = "its type by statx", .show = type_by_statx},
    {.name = "its type by the raw system calls", .show = type_by_number},
    {.name = "access, faccessat, eaccess", .show = asked_for_access},
    {.name = "readlink and realpath of /proc/self/fd", .show = link_of_descriptor},
    {.name = "realpath", .show = real_path},
    {.name = "listed by readdir", .show = listed_by_readdir},
    {.name = "listed by scandir", .show = listed_by_scandir},
    {.name = "listed by glob", .show = listed_by_glob},
    {.name = "lseek, read, write", .show = read_and_written},
    {.name = "pread, pwrite", .show = read_and_written_at},
    {.name = "readv, writev, preadv, pwritev", .show = read_and_written_in_pieces},
    {.name = "pointers to nowhere are EFAULT", .show = pointers_to_nowhere},
    {.name = "a buffer that ends early", .show = half_a_buffer},
    {.name = "the position is shared by dup and fork", .show = shared_position},
    {.name = "O_RDONLY and O_WRONLY", .show = only_as_opened},
    {.name = NULL},
};
