// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QStringList>

#include <csignal>
#include <fcntl.h>
#include <limits>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

/// Another program and its standard streams, with blocking calls. QProcess cannot be used where there are
/// threads that ThreadSanitizer looks at: it starts programs by a clone that the sanitizer takes for the end
/// of all locking in this thread.
class ChildProgram
{
public:
    explicit ChildProgram(const QStringList &command, const QString &folder = QStringLiteral("."))
    {
        int input[2];
        int output[2];
        int errors[2];
        if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0)
            qFatal("no pipes");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addchdir_np(&actions, folder.toUtf8().constData());
        posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
        QList<QByteArray> texts;
        for (const QString &word : command)
            texts.append(word.toUtf8());
        std::vector<char *> words;
        for (QByteArray &text : texts)
            words.push_back(text.data());
        words.push_back(nullptr);
        if (posix_spawnp(&m_pid, words[0], &actions, nullptr, words.data(), environ) != 0)
            qFatal("cannot start %s", words[0]);
        posix_spawn_file_actions_destroy(&actions);
        ::close(input[0]);
        ::close(output[1]);
        ::close(errors[1]);
        m_in = input[1];
        m_out = output[0];
        m_err = errors[0];
    }
    ~ChildProgram()
    {
        if (m_pid > 0) {
            ::kill(m_pid, SIGKILL);
            ::waitpid(m_pid, nullptr, 0);
        }
        closeInput();
        ::close(m_out);
        ::close(m_err);
    }
    ChildProgram(const ChildProgram &) = delete;
    ChildProgram &operator=(const ChildProgram &) = delete;

    void write(const QByteArray &bytes)
    {
        if (::write(m_in, bytes.constData(), static_cast<size_t>(bytes.size())) != bytes.size())
            qFatal("cannot write to the program");
    }
    void closeInput()
    {
        if (m_in >= 0)
            ::close(std::exchange(m_in, -1));
    }
    /// Reads until `count` bytes of standard output are there, the program has ended or time is over.
    void read(qsizetype count, int limitMs)
    {
        QElapsedTimer timer;
        timer.start();
        while (out.size() < count && (m_outOpen || m_errOpen)) {
            pollfd polled[2] = {{m_outOpen ? m_out : -1, POLLIN, 0}, {m_errOpen ? m_err : -1, POLLIN, 0}};
            const int left = limitMs - static_cast<int>(timer.elapsed());
            if (left <= 0 || ::poll(polled, 2, left) <= 0)
                return;
            take(m_out, m_outOpen, out, polled[0].revents);
            take(m_err, m_errOpen, err, polled[1].revents);
        }
    }
    /// Closes its input, reads to the end; the exit code, -1 if it had to be killed.
    int finish(int limitMs = 30000)
    {
        closeInput();
        read(std::numeric_limits<qsizetype>::max(), limitMs);
        if (m_outOpen || m_errOpen)
            ::kill(m_pid, SIGKILL);
        int status = 0;
        ::waitpid(std::exchange(m_pid, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    QByteArray out;
    QByteArray err;

private:
    static void take(int fd, bool &open, QByteArray &to, short events)
    {
        if (events == 0)
            return;
        char buffer[65536];
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got > 0)
            to.append(buffer, got);
        else
            open = false;
    }

    pid_t m_pid = -1;
    int m_in = -1;
    int m_out = -1;
    int m_err = -1;
    bool m_outOpen = true;
    bool m_errOpen = true;
};
