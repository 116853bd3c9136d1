// Stands between the server and the system's calls (LD_PRELOAD), and does as a page of shared memory says: the
// k-th call of a kind on a file of the data directory fails, and the wall clock stands where the test wants it.
// The page is the file that POSTSEAL_SHIM names; see shim.py for who writes it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum Kind { kindOpen = 1, kindWrite = 2, kindSync = 4, kindRead = 8, kindUnlink = 16 };
enum Mode { modeOnce, modeFrom };  // the k-th call alone, or all from it on

struct Page {
    _Atomic int64_t kinds;      // which calls count; 0: none fails
    _Atomic int64_t countdown;  // 1: the next one fails
    _Atomic int64_t error;      // errno of the failure; 0: a write is cut short, as the system may do
    _Atomic int64_t mode;
    _Atomic int64_t counted;  // calls that counted since the last arming
    _Atomic int64_t failed;   // and those that failed
    _Atomic int64_t clockNanos;  // added to the wall clock
    char path[256];              // a part that the file's path must have
};

static struct Page* page;

__attribute__((constructor)) static void start(void) {
    const char* file = getenv("POSTSEAL_SHIM");
    const int descriptor = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void* mapped = mmap(NULL, sizeof(struct Page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (mapped != MAP_FAILED) page = mapped;
}

static int isItsTurn(enum Kind kind, const char* path) {
    if (!page || !(page->kinds & kind) || !strstr(path, page->path)) return 0;
    page->counted++;
    const int64_t left = page->countdown--;
    if (left > 1 || (left < 1 && page->mode == modeOnce)) return 0;
    page->failed++;
    return 1;
}

static int isTurnOf(enum Kind kind, int descriptor) {
    if (!page || !(page->kinds & kind)) return 0;
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return isItsTurn(kind, path);
}

// The system's own, looked up once.
#define REAL(name)                                                    \
    ({                                                                \
        static __typeof__(&name) real;                                \
        if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
        real;                                                         \
    })
#define FAIL_IF(turn)                \
    if (turn) {                      \
        errno = (int)page->error;    \
        return -1;                   \
    }

static int openAs(__typeof__(&open) real, const char* path, int flags, va_list rest) {
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    FAIL_IF(isItsTurn(kindOpen, path));
    return real(path, flags, mode);
}
int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const int result = openAs(REAL(open), path, flags, rest);
    va_end(rest);
    return result;
}
int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const int result = openAs(REAL(open64), path, flags, rest);
    va_end(rest);
    return result;
}

// Half of a write may succeed, as the system's own may; the rest must be asked for again.
static size_t cut(size_t count) {
    return page->error == 0 && count > 1 ? count / 2 : count;
}
#define CUT_OR_FAIL_IF(turn)              \
    if (turn) {                           \
        if (page->error == 0)             \
            count = cut(count);           \
        else {                            \
            errno = (int)page->error;     \
            return -1;                    \
        }                                 \
    }
ssize_t write(int descriptor, const void* bytes, size_t count) {
    CUT_OR_FAIL_IF(isTurnOf(kindWrite, descriptor));
    return REAL(write)(descriptor, bytes, count);
}
ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t at) {
    CUT_OR_FAIL_IF(isTurnOf(kindWrite, descriptor));
    return REAL(pwrite)(descriptor, bytes, count, at);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t at) {
    CUT_OR_FAIL_IF(isTurnOf(kindWrite, descriptor));
    return REAL(pwrite64)(descriptor, bytes, count, at);
}
ssize_t read(int descriptor, void* bytes, size_t count) {
    CUT_OR_FAIL_IF(isTurnOf(kindRead, descriptor));
    return REAL(read)(descriptor, bytes, count);
}
ssize_t pread(int descriptor, void* bytes, size_t count, off_t at) {
    CUT_OR_FAIL_IF(isTurnOf(kindRead, descriptor));
    return REAL(pread)(descriptor, bytes, count, at);
}
ssize_t pread64(int descriptor, void* bytes, size_t count, off64_t at) {
    CUT_OR_FAIL_IF(isTurnOf(kindRead, descriptor));
    return REAL(pread64)(descriptor, bytes, count, at);
}
int fsync(int descriptor) {
    FAIL_IF(isTurnOf(kindSync, descriptor));
    return REAL(fsync)(descriptor);
}
int fdatasync(int descriptor) {
    FAIL_IF(isTurnOf(kindSync, descriptor));
    return REAL(fdatasync)(descriptor);
}
int unlink(const char* path) {
    FAIL_IF(isItsTurn(kindUnlink, path));
    return REAL(unlink)(path);
}
int rename(const char* from, const char* to) {
    FAIL_IF(isItsTurn(kindWrite, to));
    return REAL(rename)(from, to);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
    const int result = REAL(clock_gettime)(clock, time);
    if (result != 0 || !page || clock != CLOCK_REALTIME) return result;
    const int64_t moved = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + page->clockNanos;
    time->tv_sec = moved / 1000000000;
    time->tv_nsec = moved % 1000000000;
    return 0;
}
// The C library's own calls of clock_gettime don't come by here.
int gettimeofday(struct timeval* restrict time, void* restrict zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t* place) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (place) *place = now.tv_sec;
    return now.tv_sec;
}
