/* Makes writing fail, for tests of what a program does then. Loaded with LD_PRELOAD.
 *
 * While the file named by FAULT_FILE exists, each of its lines is one fault:
 *
 *     <part of a path> <write|tear|sync> <errno> <calls that pass first>
 *
 * "write" refuses to write to or to lengthen files whose path has that part in it; "tear" does the
 * same, but puts half of the first refused bytes there; "sync" refuses to make them durable.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FAULTS 16

enum kind { PASS, FAIL, TEAR };

static atomic_int seen[FAULTS];

/* The faults there are now; their counts begin anew when there are none. */
static int faults(char *text, size_t size)
{
    const char *path = getenv("FAULT_FILE");
    int file = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (file < 0) {
        for (int i = 0; i < FAULTS; i++)
            atomic_store(&seen[i], 0);
        return 0;
    }
    ssize_t length = syscall(SYS_read, file, text, size - 1);
    syscall(SYS_close, file);
    text[length > 0 ? length : 0] = 0;
    return length > 0;
}

/* What becomes of a call on an open file; errno is set where it fails. */
static enum kind judge(int fd, int sync)
{
    int before = errno;
    char text[2048], link[64], path[4096];
    enum kind kind = PASS;
    if (!faults(text, sizeof text))
        goto pass;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (length < 0)
        goto pass;
    path[length] = 0;
    char *rest = text;
    for (int i = 0; i < FAULTS && rest && *rest; i++) {
        char part[256], what[16];
        int code, pass;
        char *line = strsep(&rest, "\n");
        if (sscanf(line, "%255s %15s %d %d", part, what, &code, &pass) != 4)
            continue;
        if (!strstr(path, part) || sync != !strcmp(what, "sync"))
            continue;
        int count = atomic_fetch_add(&seen[i], 1);
        if (count < pass)
            continue;
        kind = !strcmp(what, "tear") && count == pass ? TEAR : FAIL;
        errno = code;
        return kind;
    }
pass:
    errno = before;
    return PASS;
}

#define REAL(type, name, ...)                                                                      \
    static type (*real)(__VA_ARGS__);                                                              \
    if (!real)                                                                                     \
        *(void **)&real = dlsym(RTLD_NEXT, name)

/* Half of the bytes, and the caller hears how many. */
#define JUDGE(fd, call, half)                                                                      \
    switch (judge(fd, 0)) {                                                                        \
    case PASS: return call;                                                                        \
    case TEAR: return half;                                                                        \
    default: return -1;                                                                            \
    }

ssize_t write(int fd, const void *bytes, size_t count)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    JUDGE(fd, real(fd, bytes, count), real(fd, bytes, count / 2))
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    JUDGE(fd, real(fd, bytes, count, at), real(fd, bytes, count / 2, at))
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    JUDGE(fd, real(fd, bytes, count, at), real(fd, bytes, count / 2, at))
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    JUDGE(fd, real(fd, parts, count), real(fd, parts, (count + 1) / 2))
}

int fsync(int fd)
{
    REAL(int, "fsync", int);
    return judge(fd, 1) == PASS ? real(fd) : -1;
}

int fdatasync(int fd)
{
    REAL(int, "fdatasync", int);
    return judge(fd, 1) == PASS ? real(fd) : -1;
}

/* Room is needed only where a file gets longer. */
static int lengthens(int fd, off64_t length)
{
    int before = errno;
    off64_t at = syscall(SYS_lseek, fd, 0, SEEK_CUR);
    off64_t end = syscall(SYS_lseek, fd, 0, SEEK_END);
    syscall(SYS_lseek, fd, at, SEEK_SET);
    errno = before;
    return length > end;
}

int ftruncate(int fd, off_t length)
{
    REAL(int, "ftruncate", int, off_t);
    return !lengthens(fd, length) || judge(fd, 0) == PASS ? real(fd, length) : -1;
}

int ftruncate64(int fd, off64_t length)
{
    REAL(int, "ftruncate64", int, off64_t);
    return !lengthens(fd, length) || judge(fd, 0) == PASS ? real(fd, length) : -1;
}
