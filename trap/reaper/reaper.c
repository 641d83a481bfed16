/* SPDX-License-Identifier: Apache-2.0
 *
 * What survives a launcher, and ends all that it started: trapline-reaper watch LAUNCHER LIMIT. Two processes, for one
 * of us may be killed together with it: the reaper, in a session of its own, and below it the deputy, in the launcher's
 * group. The deputy starts programs for the launcher (see stand_in.h), so whatever these start is below both, by the
 * kernel's word (prctl(2), PR_SET_CHILD_SUBREAPER), whatever it makes of its session, its name and its environment. At
 * the launcher's end, whatever it is, all that is below is killed, then folders are removed, then a sentence is said.
 * Likewise if the launcher is stopped and does not go on within LIMIT seconds while a host runs. Descriptor 3 is a
 * socket to the launcher, see request.h; to it go "deputy PID", "killed PID COMMAND" and "swept".
 *
 * trapline-reaper keep|hand LAUNCHER COUNT PATH NAME [ARGUMENT…] is a stand-in.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "end.h"
#include "folders.h"
#include "keeper/descendants.h"
#include "request.h"
#include "speak.h"
#include "stand_in.h"

enum { CHECK_MS = 1000, SWEEP_MS = 2, HANDOVER_MS = 2, HEARING_ROUNDS = 100, MOST_SOURCES = 256, UNUSABLE = 125 };

static const int ignored[] = {SIGINT,  SIGQUIT, SIGTERM, SIGHUP,  SIGPIPE, SIGUSR1,
                              SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU};
static struct sigaction before[sizeof ignored / sizeof ignored[0]];
static sigset_t mask_before;

static struct {
    pid_t launcher;
    /* Readable once the launcher is gone; -1 if the kernel knows none. */
    int launcher_end;
    int limit_s, stopped_s;
    int ended_children;
    bool is_sweeping;
    /* 0 once it is gone. */
    pid_t deputy;
} watched;

/* Each knows of the other. */
static struct {
    volatile bool was_launcher_stopped;
    /* The deputy has heard the launcher's last words. */
    volatile bool has_deputy_heard;
} *shared;

static void ignore_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t child;
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        sigaction(ignored[i], &ignore, &before[i]);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &mask_before);
}

static void restore_signals(void)
{
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        sigaction(ignored[i], &before[i], NULL);
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

static void tell(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof line - 2)
        length = sizeof line - 2;
    line[length] = '\n';
    send(LAUNCHER, line, (size_t)length + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void obey(const char *words)
{
    if (words[0] == ADD_FOLDER)
        folders_add(words + 1);
    else if (words[0] == QUIET_FOLDER)
        folders_set_quiet(words + 1);
    else if (words[0] == FORGET_FOLDER)
        folders_forget(words + 1);
    else if (words[0] == SWEEP)
        watched.is_sweeping = true;
}

static void take_words(const char *bytes, size_t length)
{
    static char words[LONGEST_PATH + 64];
    static size_t count;
    for (size_t i = 0; i < length; i++) {
        if (count < sizeof words)
            words[count++] = bytes[i];
        if (bytes[i] != 0)
            continue;
        if (words[count - 1] == 0)
            obey(words);
        count = 0;
    }
}

static size_t take_descriptors(struct msghdr *message, int *descriptors)
{
    struct cmsghdr *rights = CMSG_FIRSTHDR(message);
    if (rights == NULL || rights->cmsg_type != SCM_RIGHTS)
        return 0;
    memcpy(descriptors, CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
    return (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
}

/* Takes what there is. Descriptors come with the last byte of what is received, which is not a word (unix(7)). False at
 * the end: then nobody is there who could say more. */
static bool receive(bool may_start)
{
    for (;;) {
        char bytes[1024], control[CMSG_SPACE(sizeof(int) * (FIRST_PASSED + MOST_PASSED))];
        int descriptors[FIRST_PASSED + MOST_PASSED];
        struct iovec buffer = {bytes, sizeof bytes};
        struct msghdr message = {
            .msg_iov = &buffer, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        ssize_t length = recvmsg(LAUNCHER, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (length <= 0)
            return length < 0 && (errno == EAGAIN || errno == EINTR);
        size_t count = take_descriptors(&message, descriptors);
        take_words(bytes, (size_t)length - (count > 0));
        if (count > 0 && may_start)
            children_start(descriptors, count);
        for (size_t i = 0; !may_start && i < count; i++)
            close(descriptors[i]);
    }
}

static bool is_launcher_gone(void)
{
    struct pollfd end = {.fd = watched.launcher_end, .events = POLLIN};
    if (watched.launcher_end >= 0)
        return poll(&end, 1, 0) > 0;
    return end_state_of(watched.launcher) == 0 || end_state_of(watched.launcher) == 'Z';
}

/* Once a second. Stopped together with its hosts, as by Ctrl-Z, a launcher may stay so. */
static void look_whether_stopped(void)
{
    static time_t last;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec == last)
        return;
    last = now.tv_sec;
    watched.stopped_s = end_state_of(watched.launcher) == 'T' && end_any_host_runs() ? watched.stopped_s + 1 : 0;
    if (watched.stopped_s < watched.limit_s)
        return;
    shared->was_launcher_stopped = true;
    kill(watched.launcher, SIGKILL);
}

static void say_cause(bool is_all_ended)
{
    char sentence[256], cause[64] = "was killed or crashed";
    if (shared->was_launcher_stopped)
        snprintf(cause, sizeof cause, "was stopped and did not go on within %d s", watched.limit_s);
    const char *rest = is_all_ended ? "its hosts are ended"
                                    : "of its hosts, some belong to another user and can't be ended";
    snprintf(sentence, sizeof sentence, "the bridge %s; %s", cause, rest);
    speak(sentence);
}

/* Acts first, speaks last. */
static void conclude(void)
{
    bool is_all_ended = end_below();
    receive(false);
    folders_visit(end_marked);
    folders_remove();
    if (folders_has_loud())
        say_cause(is_all_ended);
}

static void end_stray(pid_t pid, void *argument)
{
    char command[128];
    descendants_command(pid, command, sizeof command);
    if (kill(pid, SIGKILL) == 0)
        tell("killed %d %s", (int)pid, command);
    *(bool *)argument = true;
}

static void visit_strays(void *argument)
{
    char name[64], list[8192], *at = list, *end;
    snprintf(name, sizeof name, "task/%d/children", (int)getpid());
    size_t length = descendants_read(getpid(), name, list, sizeof list);
    /* One that was cut off is another one's number. */
    while (length > 0 && list[length - 1] != ' ')
        list[--length] = 0;
    for (long pid; (pid = strtol(at, &end, 10)) > 0 && end != at; at = end) {
        if (children_has((pid_t)pid) || children_is_copy((pid_t)pid) || strchr("ZX", end_state_of((pid_t)pid)) != NULL)
            continue;
        descendants_visit((pid_t)pid, end_stray, argument);
        end_stray((pid_t)pid, argument);
    }
}

/* What a keeper left that was killed, and whatever else became ours. */
static void sweep(void)
{
    bool has_met = false;
    visit_strays(&has_met);
    if (has_met)
        return;
    watched.is_sweeping = false;
    tell("swept");
}

static void reap(void)
{
    struct signalfd_siginfo drained;
    int status;
    pid_t pid;
    while (read(watched.ended_children, &drained, sizeof drained) > 0)
        continue;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0)
        if (pid != watched.deputy)
            children_note(pid, status);
        else if (WIFEXITED(status) || WIFSIGNALED(status))
            watched.deputy = 0;
}

/* The reaper acts; if it was killed or stands still, we do. */
static void take_over(pid_t reaper)
{
    receive(false);
    shared->has_deputy_heard = true;
    while (getppid() == reaper) {
        if (end_state_of(reaper) == 'T')
            kill(reaper, SIGKILL);
        poll(NULL, 0, HANDOVER_MS);
    }
    conclude();
}

static void wait_for_news(bool listens)
{
    struct pollfd sources[MOST_SOURCES] = {
        {.fd = watched.launcher_end, .events = POLLIN},
        {.fd = watched.ended_children, .events = POLLIN},
        {.fd = listens ? LAUNCHER : -1, .events = POLLIN},
    };
    size_t count = 3 + children_sources(sources + 3, MOST_SOURCES - 3);
    poll(sources, count, watched.is_sweeping ? SWEEP_MS : CHECK_MS);
    reap();
    for (size_t i = 3; i < count; i++)
        if (sources[i].revents != 0)
            children_obey(sources[i].fd);
}

static void be_deputy(pid_t reaper)
{
    bool listens = true;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    tell("deputy %d", (int)getpid());
    while (!is_launcher_gone()) {
        wait_for_news(listens);
        listens = listens && receive(true);
        if (watched.is_sweeping)
            sweep();
        look_whether_stopped();
    }
    take_over(reaper);
}

static void wait_for_deputy(void)
{
    for (int rounds = 0; rounds < HEARING_ROUNDS && watched.deputy != 0 && !shared->has_deputy_heard; rounds++) {
        if (end_state_of(watched.deputy) == 'T')
            return;
        poll(NULL, 0, HANDOVER_MS);
        reap();
    }
}

/* Without a deputy nothing more is started, and what it had started is ended: its death is noticed by that. */
static void be_reaper(void)
{
    bool has_deputy = true, listens = false;
    while (!is_launcher_gone()) {
        wait_for_news(listens);
        if (has_deputy && watched.deputy == 0) {
            has_deputy = false;
            listens = true;
            end_below();
        }
        listens = listens && receive(false);
        if (watched.is_sweeping)
            sweep();
        look_whether_stopped();
    }
    wait_for_deputy();
    conclude();
}

static int watch(pid_t launcher, int limit_s)
{
    sigset_t child;
    /* Even one of us that was stopped sees that the launcher is gone. */
    prctl(PR_SET_PDEATHSIG, SIGCONT);
    watched.launcher_end = (int)syscall(SYS_pidfd_open, launcher, 0);
    /* If it has ended already, that number may be another one's. */
    bool is_there = getppid() == launcher;
    if (!is_there)
        watched.launcher_end = -1;
    watched.launcher = is_there ? launcher : 0;
    watched.limit_s = limit_s;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    ignore_signals();
    watched.ended_children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || watched.ended_children < 0 || !folders_init())
        return UNUSABLE;
    fcntl(LAUNCHER, F_SETFD, FD_CLOEXEC);
    children_init(restore_signals);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t reaper = getpid(), deputy = fork();
    if (deputy < 0)
        return UNUSABLE;
    if (deputy == 0)
        be_deputy(reaper);
    else {
        watched.deputy = deputy;
        setsid();
        be_reaper();
    }
    return 0;
}

int main(int count, char **arguments)
{
    const char *verb = count > 3 ? arguments[1] : "";
    if (strcmp(verb, "watch") == 0)
        return watch(atoi(arguments[2]), atoi(arguments[3]));
    bool is_kept = strcmp(verb, "keep") == 0;
    if (count > 5 && (is_kept || strcmp(verb, "hand") == 0) && atoi(arguments[3]) <= MOST_PASSED)
        return stand_in_run(is_kept, atoi(arguments[2]), atoi(arguments[3]), arguments + 4);
    fprintf(stderr, "trapline-reaper is started by 'trapline'\n");
    return UNUSABLE;
}
