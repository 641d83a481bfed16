// SPDX-License-Identifier: Apache-2.0
// time_stamps WHAT [ARGUMENT...]: reads the time-stamp counter, as programs do that find clocks too slow. Prints what it saw.
#include <aio.h>
#include <cpuid.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <wordexp.h>
#include <x86intrin.h>

#include "device.h"

extern char **environ;
static const char *self;

static uint64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t at_clock_ns(uint64_t until) {
  uint64_t now;
  while ((now = clock_ns()) < until) continue;
  return now;
}

// As libraries take it where CPUID has it; 1 GHz elsewhere.
static uint64_t rate_of_cpuid(void) {
  unsigned a = 0, b = 0, c = 0, d;
  if (__get_cpuid(0x15, &a, &b, &c, &d) && a != 0 && b != 0 && c != 0) return (uint64_t)c * b / a;
  return __get_cpuid(0x16, &a, &b, &c, &d) && a != 0 ? a * (uint64_t)1000000 : 1000000000;
}

static int calibrate(void) {
  uint64_t began = clock_ns(), counter = __rdtsc(), ended = at_clock_ns(began + 200000);
  uint64_t counted = (__rdtsc() - counter) * 1000 / (ended - began), told = rate_of_cpuid() / 1000000;
  uint64_t error = counted > told ? counted - told : told - counted;
  printf("rate is %s\n", error <= told / 1000 + 1 ? "CPUID's" : "another");
  return 0;
}

// In microseconds: what a child prints for its parent.
static uint64_t now_us(void) {
  return __rdtsc() / (rate_of_cpuid() / 1000000);
}

// Every form in which the two instructions can be written.
static int print_forms(void) {
  uint64_t before = __rdtsc(), a, c, d;
  unsigned cpu, node, processor;
#define READ(bytes)                                                                                   \
  a = c = d = ~(uint64_t)0;                                                                           \
  __asm__ volatile(".byte " bytes : "+a"(a), "+c"(c), "+d"(d));                                       \
  printf("%s: %s%s\n", bytes, (d << 32 | a) > before && d >> 32 == 0 && a >> 32 == 0 ? "well" : "not well", \
         c == ~(uint64_t)0 ? "" : ", with the processor");                                            \
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

static void *look(void *unused) {
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

static int print_order(void) {
  pthread_t threads[4];
  int status;
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, look, NULL);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
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

static void read_line(FILE *from) {
  char line[64] = "nothing\n";
  if (fgets(line, sizeof line, from) == NULL) exit(2);
  fputs(line, stdout);
  fflush(stdout);
}

static void with_wordexp(void) {
  wordexp_t words;
  char text[sizeof command + 4];
  snprintf(text, sizeof text, "$(%s)", command);
  if (wordexp(text, &words, 0) == 0) puts(words.we_wordv[0]);
  fflush(stdout);
}

static void with_popen(void) {
  FILE *pipe = popen(command, "r");
  read_line(pipe);
  pclose(pipe);
}

static void spawn(int (*call)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                              char *const *, char *const *)) {
  pid_t pid;
  if (call(&pid, self, NULL, NULL, child, environ) == 0) waitpid(pid, NULL, 0);
}

// Each way fails first, which takes nothing from the caller.
static void become(int way) {
  static char *const nothing[] = {NULL};
  for (int is_well = 0; is_well < 2; is_well++) {
    const char *path = is_well ? self : "/nonexistent";
    uint64_t before = __rdtsc();
    if (way == 0) execve(path, child, environ);
    if (way == 1) execvp(path, child);
    if (way == 2) execl(path, self, "now", NULL);
    if (way == 3) syscall(SYS_execve, path, child, environ);
    if (way == 4) syscall(SYS_execveat, AT_FDCWD, path, child, environ, 0);
    if (way == 5) execve(path, child, nothing);
    if (__rdtsc() - before > rate_of_cpuid() / 1000) puts("a failed exec leaves another counter");
  }
  _exit(9);
}

// Simulated time is the same for all: what each child prints lies between two looks of its parent.
static int print_children(void) {
  child[0] = (char *)self;
  snprintf(command, sizeof command, "%s now", self);
  for (int way = 0; way < 12; way++) {
    printf("%llu\n", (unsigned long long)now_us());
    fflush(stdout);
    pid_t pid = way < 6 ? fork() : way == 6 ? vfork() : 0;
    if (way < 7 && pid == 0) become(way % 6);
    if (way < 7) waitpid(pid, NULL, 0);
    if (way == 7) spawn(posix_spawn);
    if (way == 8) spawn(posix_spawnp);
    if (way == 9 && system(command) != 0) return 1;
    if (way == 10) with_popen();
    if (way == 11) with_wordexp();
  }
  printf("%llu\n", (unsigned long long)now_us());
  return 0;
}

// ---- the host's own settings and signals

static sigjmp_buf back;
static siginfo_t came;
static uint64_t came_at;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number;
  came = *info;
  came_at = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  siglongjmp(back, 1);
}

static void handle(void) {
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
}

static void try_counter(const char *when) {
  int mode = 0;
  prctl(PR_GET_TSC, &mode);
  if (sigsetjmp(back, 1) == 0) {
    __rdtsc();
    printf("%s: mode %d, counts\n", when, mode);
  } else {
    printf("%s: mode %d, code %d, address %p\n", when, mode, came.si_code, came.si_addr);
  }
}

static void *try_in_thread(void *when) {
  try_counter(when);
  return NULL;
}

static int print_settings(void) {
  pthread_t thread;
  handle();
  try_counter("at first");
  prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
  try_counter("asked for the signal");
  pthread_create(&thread, NULL, try_in_thread, "in a thread of its");
  pthread_join(thread, NULL);
  prctl(PR_SET_TSC, PR_TSC_ENABLE);
  try_counter("asked for the counter");
  syscall(SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
  try_counter("asked by number");
  syscall(SYS_prctl, PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
  int result = prctl(PR_SET_TSC, 7), error = errno;
  printf("asked for nonsense: %d, %s\n", result, strerror(error));
  result = prctl(PR_GET_TSC, (int *)16), error = errno;
  printf("asked for nowhere: %d, %s\n", result, strerror(error));
  result = prctl(PR_GET_DUMPABLE);
  printf("asked for something else: %d\n", result);
  return 0;
}

// Faults of the same kind that have nothing to do with it.
static int print_faults(void) {
  extern char halt_here[], far_here[];
  handle();
  if (sigsetjmp(back, 1) == 0)
    __asm__ volatile("halt_here: hlt");
  else
    printf("hlt: code %d, address %p, %s\n", came.si_code, came.si_addr, came_at == (uint64_t)halt_here ? "there" : "elsewhere");
  if (sigsetjmp(back, 1) == 0)
    __asm__ volatile("far_here: movl (%0), %%eax" : : "r"((uint64_t)1 << 62) : "rax");
  else
    printf("far: code %d, address %p, %s\n", came.si_code, came.si_addr, came_at == (uint64_t)far_here ? "there" : "elsewhere");
  return 0;
}

static volatile sig_atomic_t rings;

static void on_ring(int number) {
  rings = __rdtsc() != 0 ? number : 0;
}

// A loop that does nothing but look, and a handler that looks, too.
static int print_timer(void) {
  struct itimerval once = {.it_value.tv_usec = 300};
  uint64_t before = now_us();
  signal(SIGALRM, on_ring);
  setitimer(ITIMER_REAL, &once, NULL);
  while (rings == 0) __rdtsc();
  uint64_t passed = now_us() - before;
  printf("timer: %s\n", passed >= 300 && passed < 310 ? "in time" : "at another time");
  return 0;
}

// Processors without these instructions raise another signal, so the one of those that have them is sent: it comes right
// behind the call.
#define PAUSE(name, bytes)                                                                                 \
  {                                                                                                        \
    long result = SYS_rt_tgsigqueueinfo;                                                                   \
    register siginfo_t *fourth __asm__("r10") = &info;                                                     \
    __asm__ volatile("syscall\n.byte " bytes "\njnc 1f\nmovl $1, %k0\n1:"                                 \
                     : "+a"(result)                                                                        \
                     : "D"(process), "S"(thread), "d"(SIGSEGV), "r"(fourth)                                \
                     : "rcx", "r11", "memory", "cc");                                                      \
    printf(name ": %ld\n", result);                                                                        \
  }

static int print_pauses(void) {
  siginfo_t info = {.si_signo = SIGSEGV, .si_code = SI_KERNEL};
  long process = getpid(), thread = gettid();
  PAUSE("tpause", "0x66, 0x0f, 0xae, 0xf3")
  PAUSE("umwait", "0xf2, 0x41, 0x0f, 0xae, 0xf1")
  return 0;
}

// libc's own threads, in which all signals are blocked, look at real clocks.
static int print_helpers(void) {
  char byte = 0;
  int pipes[2];
  if (pipe(pipes) != 0 || write(pipes[1], "x", 1) != 1) return 2;
  struct aiocb block = {.aio_fildes = pipes[0], .aio_buf = &byte, .aio_nbytes = 1};
  const struct aiocb *list[] = {&block};
  if (aio_read(&block) != 0) return 2;
  while (aio_error(&block) == EINPROGRESS) aio_suspend(list, 1, NULL);
  usleep(1000);
  printf("aio: %zd byte '%c'\n", aio_return(&block), byte);
  return 0;
}

static uint64_t kernel_ns(void) {
  struct timespec now;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_clock_gettime), "D"(CLOCK_MONOTONIC), "S"(&now) : "rcx", "r11", "memory");
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// The kernel's code in every process, which libc's own functions go by, reckons real time from the counter.
static int print_vdso(void) {
  int (*of_libc)(clockid_t, struct timespec *);
  *(void **)&of_libc = dlsym(dlopen("libc.so.6", RTLD_LAZY), "clock_gettime");
  for (int i = 0; i < 1000; i++) {
    struct timespec now;
    uint64_t before = kernel_ns();
    of_libc(CLOCK_MONOTONIC, &now);
    uint64_t between = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    if (between < before || between > kernel_ns()) return 1;
  }
  puts("vdso: as the kernel");
  return 0;
}

static const struct {
  const char *name;
  int (*print)(void);
} all[] = {{"calibrate", calibrate},     {"forms", print_forms},   {"order", print_order},     {"children", print_children},
           {"settings", print_settings}, {"faults", print_faults}, {"helpers", print_helpers}, {"timer", print_timer},
           {"pauses", print_pauses},     {"vdso", print_vdso}};

int main(int argc, char **argv) {
  self = argv[0];
  if (argc > 1 && strcmp(argv[1], "now") == 0) return printf("%llu\n", (unsigned long long)now_us()) < 0;
  for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].name, argv[1]) == 0) return all[i].print();
  return 2;
}
