/* Loaded into PostgreSQL before the C library: what is synced under SYNCED_DATA goes to a copy under SYNCED_COPIES,
   and nothing else of what is written does.

   A sync of a file brings its copy to what the file holds at that moment. Names that are given, moved or taken away are kept
   at once, as a file system with a journal may do. The file itself is not synced: the copy stands for the disk. One at a time,
   for whoever is slow must not write over what another has synced since. A copy that fails is a sync that fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 8192
#define LIBRARYS(name) ((int (*)())dlsym(RTLD_NEXT, name))

static int failed(void) {
    errno = EIO;
    return -1;
}

/* Puts the copy's name there; false for what does not lie under SYNCED_DATA. */
static int has_copy(const char *path, char *copy) {
    char whole[2 * PATH_MAX] = "";
    const char *data = getenv("SYNCED_DATA"), *copies = getenv("SYNCED_COPIES");
    if (!data || !copies) return 0;
    if (path[0] != '/') {
        if (!getcwd(whole, PATH_MAX - 1)) return 0;
        strcat(whole, "/");
    }
    strncat(whole, path, PATH_MAX);
    size_t length = strlen(data);
    if (strncmp(whole, data, length) || (whole[length] && whole[length] != '/')) return 0;
    return snprintf(copy, PATH_MAX, "%s%s", copies, whole + length) < PATH_MAX;
}

/* Held until it is closed, also by death. */
static int lock(void) {
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s.lock", getenv("SYNCED_COPIES"));
    int held = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (held >= 0 && flock(held, LOCK_EX)) {
        if (errno == EINTR) continue;
        close(held);
        return -1;
    }
    return held;
}

static void make_folders_above(char *copy) {
    for (char *end = strchr(copy + 1, '/'); end; end = strchr(end + 1, '/')) {
        *end = 0;
        LIBRARYS("mkdir")(copy, 0700);
        *end = '/';
    }
}

static int write_what_differs(int file, int copy) {
    char now[PAGE], kept[PAGE];
    for (off_t at = 0;; at += PAGE) {
        ssize_t length = pread(file, now, PAGE, at);
        if (length < 0) return -1;
        if (length && (pread(copy, kept, PAGE, at) < length || memcmp(now, kept, length)))
            if (pwrite(copy, now, length, at) != length) return -1;
        if (length < PAGE) return ftruncate(copy, at + length);
    }
}

static int copy_file(const char *path, const char *copy) {
    int from = open(path, O_RDONLY | O_CLOEXEC), to = open(copy, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int done = from < 0 || to < 0 ? -1 : write_what_differs(from, to);
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    return done;
}

static int synced(int descriptor) {
    char name[64], path[PATH_MAX], copy[PATH_MAX];
    struct stat about;
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(name, path, sizeof path - 1);
    if (length < 0 || fstat(descriptor, &about)) return failed();
    path[length] = 0;
    if (!about.st_nlink || !S_ISREG(about.st_mode) || !has_copy(path, copy)) return 0;
    int held = lock();
    if (held < 0) return failed();
    make_folders_above(copy);
    int done = copy_file(name, copy);
    close(held);
    return done ? failed() : 0;
}

int fsync(int descriptor) { return synced(descriptor); }

int fdatasync(int descriptor) { return synced(descriptor); }

/* First in truth, then in the copy, and nobody's sync in between. What was never synced has no copy to be named anew. */
#define NAMES(has_copies, in_truth, in_copy) \
    char copy[PATH_MAX], other[PATH_MAX];    \
    (void)other;                             \
    if (!(has_copies)) return in_truth;      \
    int held = lock();                       \
    if (held < 0) return failed();           \
    int done = in_truth, why = errno;        \
    if (!done) in_copy;                      \
    close(held);                             \
    errno = why;                             \
    return done

int unlink(const char *path) {
    NAMES(has_copy(path, copy), LIBRARYS("unlink")(path), LIBRARYS("unlink")(copy));
}

int rmdir(const char *path) {
    NAMES(has_copy(path, copy), LIBRARYS("rmdir")(path), LIBRARYS("rmdir")(copy));
}

int mkdir(const char *path, mode_t mode) {
    NAMES(has_copy(path, copy), LIBRARYS("mkdir")(path, mode), LIBRARYS("mkdir")(copy, mode));
}

int rename(const char *from, const char *to) {
    NAMES(has_copy(from, copy) && has_copy(to, other), LIBRARYS("rename")(from, to), LIBRARYS("rename")(copy, other));
}

int link(const char *from, const char *to) {
    NAMES(has_copy(from, copy) && has_copy(to, other), LIBRARYS("link")(from, to), LIBRARYS("link")(copy, other));
}
