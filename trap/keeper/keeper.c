/* SPDX-License-Identifier: Apache-2.0
 *
 * The parent of a host program: trapline-keeper AGENT PROGRAM NAME [ARGUMENT…]. As the reaper of orphans among its
 * descendants it stays an ancestor of whatever the host starts, also of daemons, and knows by the kernel's word what is
 * left of it. It outlives signals of the terminal, and looks now and then for descendants in which AGENT is not, unless
 * that is "". Descriptor 3 is a socket to the launcher: to it     keeper PID | started PID | failed ERRNO | ended
 * WAIT-STATUS | left PID COMMAND | listed | killed PID COMMAND | stranger PID COMMAND: REASON | empty, when no
 * descendant is there from it   l: list what is left | sNN: send signal NN to it | e: end it When the launcher is gone,
 * everything is ended. What the host shall have in its environment and we shall not is called KEEPER_NAME here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker.h"
#include "descendants.h"
#include "inherited.h"
#include "raw_words.h"
#include "strangers.h"

#define PREFIX "KEEPER_"
/* What is for us alone (broker.c). */
#define KEPT "TRAPLINE_KEPT_"

enum { LAUNCHER = 3, ROUND_MS = 20, LOOK_MS = 100, LOOK_SHARE = 50 };

static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM};
static struct sigaction before[sizeof ignored / sizeof ignored[0]];

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
    send(LAUNCHER, line, (size_t)length + 1, MSG_NOSIGNAL);
}

static void ignore_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        sigaction(ignored[i], &ignore, &before[i]);
}

static void restore_signals(void)
{
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        sigaction(ignored[i], &before[i], NULL);
}

static bool has_variable(char *const *environment, const char *entry)
{
    size_t length = strcspn(entry, "=") + 1;
    for (; *environment != NULL; environment++)
        if (strncmp(*environment, PREFIX, sizeof PREFIX - 1) == 0 &&
            strncmp(*environment + sizeof PREFIX - 1, entry, length) == 0)
            return true;
    return false;
}

/* Ours, in which a variable that is kept for the host takes the place of the one of its name. */
static char **host_environment(void)
{
    size_t count = 0, kept = 0;
    while (environ[count] != NULL)
        count++;
    char **all = calloc(count + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < count; i++)
        if (strncmp(environ[i], PREFIX, sizeof PREFIX - 1) == 0)
            all[kept++] = environ[i] + sizeof PREFIX - 1;
        else if (!has_variable(environ, environ[i]) && strncmp(environ[i], KEPT, sizeof KEPT - 1) != 0)
            all[kept++] = environ[i];
    return all;
}

static void become_host(char **arguments, const sigset_t *mask, int failure)
{
    char **environment = host_environment();
    restore_signals();
    failure = inherited_give(failure);
    sigprocmask(SIG_SETMASK, mask, NULL);
    if (environment != NULL) {
        environ = environment;
        /* The path that the launcher has found may be none any more; it was found by the name, as here. */
        execvp(arguments[raw_words_is_lossy(arguments[0]) ? 1 : 0], arguments + 1);
    }
    int error = errno;
    if (write(failure, &error, sizeof error) != sizeof error)
        _exit(126);
    _exit(127);
}

/* Gives the pid of the host, or 0 if it could not be started. */
static pid_t start_host(char **arguments, const sigset_t *mask)
{
    int failure[2], error = 0;
    pid_t host = pipe2(failure, O_CLOEXEC) == 0 ? fork() : -1;
    if (host == 0)
        become_host(arguments, mask, failure[1]);
    if (host < 0)
        error = errno;
    else
        close(failure[1]);
    if (host > 0 && read(failure[0], &error, sizeof error) < 0)
        error = errno;
    if (error == 0)
        return host;
    tell("failed %d", error);
    return 0;
}

/* Whoever reads the host's output to its end does not wait for us. */
static void close_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int stream = 0; stream < 3; stream++)
        dup3(null, stream, 0);
}

static void tell_left(pid_t pid, void *argument)
{
    char command[128];
    (void)argument;
    descendants_command(pid, command, sizeof command);
    tell("left %d %s", (int)pid, command);
}

/* Once each, though it may take rounds until it is gone. */
static void end_one(pid_t pid, void *argument)
{
    static pid_t *ended;
    static size_t count;
    char command[128];
    (void)argument;
    for (size_t i = 0; i < count; i++)
        if (ended[i] == pid)
            return;
    descendants_command(pid, command, sizeof command);
    if (kill(pid, SIGKILL) == 0)
        tell("killed %d %s", (int)pid, command);
    pid_t *more = realloc(ended, (count + 1) * sizeof *ended);
    if (more == NULL)
        return;
    ended = more;
    ended[count++] = pid;
}

static void tell_stranger(pid_t pid, const char *reason)
{
    char command[128];
    descendants_command(pid, command, sizeof command);
    tell("stranger %d %s: %s", (int)pid, command, reason);
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000ll + now.tv_nsec / 1000;
}

/* How long until the next look: it shall cost next to nothing, however many processes there are. */
static int look_for_strangers(void)
{
    int64_t began = now_us();
    strangers_look(getpid(), tell_stranger);
    int rest_ms = (int)((now_us() - began) * LOOK_SHARE / 1000);
    return rest_ms > LOOK_MS ? rest_ms : LOOK_MS;
}

static void send_signal(pid_t pid, void *signal)
{
    kill(pid, *(int *)signal);
}

/* False once no child is left. */
static bool reap(pid_t host)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == host)
            tell("ended %d", status);
    return pid == 0 || errno != ECHILD;
}

/* Returns true when all is to be ended. */
static bool obey(void)
{
    char order[64];
    ssize_t length = recv(LAUNCHER, order, sizeof order - 1, MSG_DONTWAIT);
    if (length < 0)
        return errno != EAGAIN && errno != EINTR;
    order[length] = 0;
    for (char *at = order; *at != 0; at++) {
        int signal = *at == 's' ? atoi(at + 1) : 0;
        if (signal > 0)
            descendants_visit(getpid(), send_signal, &signal);
        if (*at == 'l') {
            descendants_visit(getpid(), tell_left, NULL);
            tell("listed");
        }
        if (*at == 'e')
            return true;
    }
    return length == 0;
}

static void keep(pid_t host, int children, bool looks)
{
    bool is_ending = false;
    int patience_ms = looks ? LOOK_MS : -1;
    struct signalfd_siginfo drained;
    while (reap(host)) {
        struct pollfd sources[] = {{.fd = children, .events = POLLIN},
                                   {.fd = is_ending ? -1 : LAUNCHER, .events = POLLIN}};
        if (is_ending)
            descendants_visit(getpid(), end_one, NULL);
        int ready = poll(sources, 2, is_ending ? ROUND_MS : patience_ms);
        if (ready > 0 && sources[0].revents != 0)
            (void)!read(children, &drained, sizeof drained);
        if (ready > 0 && !is_ending && sources[1].revents != 0)
            is_ending = obey();
        if (looks && !is_ending && ready == 0)
            patience_ms = look_for_strangers();
    }
}

/* Makes the arguments what the launcher was given. */
static void restore_words(char **arguments)
{
    const char *launcher = getenv(KEPT "LAUNCHER");
    if (launcher == NULL)
        return;
    raw_words_restore_arguments(atoi(launcher), arguments);
    char **restored = raw_words_restore_environment(atoi(launcher), environ);
    if (restored != NULL)
        environ = restored;
}

int main(int count, char **arguments)
{
    sigset_t child, mask;
    if (count < 4 || fcntl(LAUNCHER, F_SETFD, FD_CLOEXEC) < 0) {
        fprintf(stderr, "trapline-keeper is started by 'trapline run'\n");
        return 125;
    }
    inherited_take();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &mask);
    int children = signalfd(-1, &child, SFD_CLOEXEC);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    ignore_signals();
    restore_words(arguments);
    int broker = broker_make();
    tell("keeper %d", (int)getpid());
    pid_t host = start_host(arguments + 2, &mask);
    inherited_forget();
    if (host == 0)
        return 0;
    broker_serve(broker);
    tell("started %d", (int)host);
    close_streams();
    strangers_init(arguments[1]);
    keep(host, children, arguments[1][0] != 0);
    tell("empty");
    return 0;
}
