// SPDX-License-Identifier: Apache-2.0
// time_stamps WHAT [ARGUMENT...]: reads the time-stamp counter, as programs do that find clocks too slow. Prints what
// it saw.
#include <cpuid.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <wordexp.h>
#include <x86intrin.h>

#include "device.h"

extern char **environ;
static const char *self;

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t at_clock_ns(uint64_t until)
{
    uint64_t now;
    while ((now = clock_ns()) < until)
        continue;
    return now;
}

// As libraries take it where CPUID has it; 1 GHz elsewhere.
static uint64_t rate_of_cpuid(void)
{
    unsigned a = 0, b = 0, c = 0, d;
    if (__get_cpuid(0x15, &a, &b, &c, &d) && a != 0 && b != 0 && c != 0)
        return (uint64_t)c * b / a;
    return __get_cpuid(0x16, &a, &b, &c, &d) && a != 0 ? a * (uint64_t)1000000 : 1000000000;
}

static int calibrate(void)
{
    uint64_t began = clock_ns(), counter = __rdtsc(), ended = at_clock_ns(began + 200000);
    uint64_t counted = (__rdtsc() - counter) * 1000 / (ended - began), told = rate_of_cpuid() / 1000000;
    uint64_t error = counted > told ? counted - told : told - counted;
    printf("rate is %s\n", error <= told / 1000 + 1 ? "CPUID's" : "another");
    return 0;
}

// In microseconds: what a child prints for its parent.
static uint64_t now_us(void)
{
    return __rdtsc() / (rate_of_cpuid() / 1000000);
}

// Every form in which the two instructions can be written.
static int print_forms(void)
{
    uint64_t before = __rdtsc(), a, c, d;
    unsigned cpu, node, processor;
#define READ(bytes)                                                                                                    \
    a = c = d = ~(uint64_t)0;                                                                                          \
    __asm__ volatile(".byte " bytes : "+a"(a), "+c"(c), "+d"(d));                                                      \
    printf("%s: %s%s\n", bytes, (d << 32 | a) > before && d >> 32 == 0 && a >> 32 == 0 ? "well" : "not well",          \
           c == ~(uint64_t)0 ? "" : ", with the processor");                                                           \
    before = d << 32 | a;
    READ("0x0f, 0x31")
    READ("0x48, 0x0f, 0x31")
    READ("0x66, 0x0f, 0x31")
    READ("0x2e, 0xf3, 0x0f, 0x31")
    READ("0x0f, 0x01, 0xf9")
    READ("0x48, 0x0f, 0x01, 0xf9")
    do {
        syscall(SYS_getcpu, &cpu, &node, NULL);
        __rdtscp(&processor);
        syscall(SYS_getcpu, &a, &node, NULL);
    } while (cpu != (unsigned)a);
    printf("processor: %s\n", processor == (node << 12 | cpu) ? "well" : "not well");
    return 0;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t last;
static int disorder;

static void *look(void *unused)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (int i = 0; i < 25; i++) {
        pthread_mutex_lock(&lock);
        uint64_t now = __rdtsc();
        disorder += now <= last;
        last = now;
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static int print_order(void)
{
    pthread_t threads[4];
    int status;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, look, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    if (fork() == 0) {
        look(NULL);
        _exit(disorder);
    }
    wait(&status);
    printf("threads: %d out of order; child: %d\n", disorder, WEXITSTATUS(status));
    return 0;
}

// ---- children

static char command[4096];
static char *child[] = {NULL, "now", NULL};

static void read_line(FILE *from)
{
    char line[64] = "nothing\n";
    if (fgets(line, sizeof line, from) == NULL)
        exit(2);
    fputs(line, stdout);
    fflush(stdout);
}

static void with_wordexp(void)
{
    wordexp_t words;
    char text[sizeof command + 4];
    snprintf(text, sizeof text, "$(%s)", command);
    if (wordexp(text, &words, 0) == 0)
        puts(words.we_wordv[0]);
    fflush(stdout);
}

static void with_popen(void)
{
    FILE *pipe = popen(command, "r");
    read_line(pipe);
    pclose(pipe);
}

static void spawn(int (*call)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                              char *const *, char *const *))
{
    pid_t pid;
    if (call(&pid, self, NULL, NULL, child, environ) == 0)
        waitpid(pid, NULL, 0);
}

// Each way fails first, which takes nothing from the caller.
static void become(int way)
{
    static char *const nothing[] = {NULL};
    for (int is_well = 0; is_well < 2; is_well++) {
        const char *path = is_well ? self : "/nonexistent";
        uint64_t before = __rdtsc();
        if (way == 0)
            execve(path, child, environ);
        if (way == 1)
            execvp(path, child);
        if (way == 2)
            execl(path, self, "now", NULL);
        if (way == 3)
            syscall(SYS_execve, path, child, environ);
        if (way == 4)
            syscall(SYS_execveat, AT_FDCWD, path, child, environ, 0);
        if (way == 5)
            execve(path, child, nothing);
        if (__rdtsc() - before > rate_of_cpuid() / 1000)
            puts("a failed exec leaves another counter");
    }
    _exit(9);
}

// Simulated time is the same for all: what each child prints lies between two looks of its parent.
static int print_children(void)
{
    child[0] = (char *)self;
    snprintf(command, sizeof command, "%s now", self);
    for (int way = 0; way < 12; way++) {
        printf("%llu\n", (unsigned long long)now_us());
        fflush(stdout);
        pid_t pid = way < 6 ? fork() : way == 6 ? vfork() : 0;
        if (way < 7 && pid == 0)
            become(way % 6);
        if (way < 7)
            waitpid(pid, NULL, 0);
        if (way == 7)
            spawn(posix_spawn);
        if (way == 8)
            spawn(posix_spawnp);
        if (way == 9 && system(command) != 0)
            return 1;
        if (way == 10)
            with_popen();
        if (way == 11)
            with_wordexp();
    }
    printf("%llu\n", (unsigned long long)now_us());
    return 0;
}

static volatile sig_atomic_t rings;

static void on_ring(int number)
{
    rings = __rdtsc() != 0 ? number : 0;
}

// A loop that does nothing but look, and a handler that looks, too.
static int print_timer(void)
{
    struct itimerval once = {.it_value.tv_usec = 300};
    uint64_t before = now_us();
    signal(SIGALRM, on_ring);
    setitimer(ITIMER_REAL, &once, NULL);
    while (rings == 0)
        __rdtsc();
    uint64_t passed = now_us() - before;
    printf("timer: %s\n", passed >= 300 && passed < 310 ? "in time" : "at another time");
    return 0;
}

// Processors without these instructions raise another signal, so the one of those that have them is sent: it comes
// right behind the call.
#define PAUSE(name, bytes)                                                                                             \
    {                                                                                                                  \
        long result = SYS_rt_tgsigqueueinfo;                                                                           \
        register siginfo_t *fourth __asm__("r10") = &info;                                                             \
        __asm__ volatile("syscall\n.byte " bytes "\njnc 1f\nmovl $1, %k0\n1:"                                          \
                         : "+a"(result)                                                                                \
                         : "D"(process), "S"(thread), "d"(SIGSEGV), "r"(fourth)                                        \
                         : "rcx", "r11", "memory", "cc");                                                              \
        printf(name ": %ld\n", result);                                                                                \
    }

static int print_pauses(void)
{
    siginfo_t info = {.si_signo = SIGSEGV, .si_code = SI_KERNEL};
    long process = getpid(), thread = gettid();
    PAUSE("tpause", "0x66, 0x0f, 0xae, 0xf3")
    PAUSE("umwait", "0xf2, 0x41, 0x0f, 0xae, 0xf1")
    return 0;
}

static const struct {
    const char *name;
    int (*print)(void);
} all[] = {{"calibrate", calibrate},     {"forms", print_forms}, {"order", print_order},
           {"children", print_children}, {"timer", print_timer}, {"pauses", print_pauses}};

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc > 1 && strcmp(argv[1], "now") == 0)
        return printf("%llu\n", (unsigned long long)now_us()) < 0;
    for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, argv[1]) == 0)
            return all[i].print();
    return 2;
}
