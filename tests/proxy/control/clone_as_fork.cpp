// SPDX-License-Identifier: GPL-3.0-or-later
// QProcess starts its children with clone() and the parent's memory. The ThreadSanitizer of GCC 12 takes that
// for a fork: what it does to its own locks "in the child" it then does to the parent. So in its builds
// clone() is a fork.
#include <cstdarg>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" int clone(int (*function)(void *), void *, int flags, void *argument, ...)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(function(argument));
    if (child > 0 && (flags & CLONE_PIDFD) != 0) {
        va_list more;
        va_start(more, argument);
        *va_arg(more, int *) = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
        va_end(more);
    }
    return child;
}
