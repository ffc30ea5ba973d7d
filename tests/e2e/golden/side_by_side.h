// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace golden {

/// `all`, or the one that the command line names: `test_… answersAsRecorded:NAME`.
inline QStringList chosen(const QStringList &all)
{
    for (const QString &argument : QCoreApplication::arguments().mid(1)) {
        if (const qsizetype colon = argument.indexOf(':'); colon > 0)
            return {argument.mid(colon + 1)};
    }
    return all;
}

/// What `play` makes of each, `byCore` at a time for each core: most of it is waiting for ends that must not
/// come.
template<typename Play>
auto playSideBySide(const QStringList &names, unsigned byCore, Play play)
    -> std::map<QString, decltype(play(names.front()))>
{
    std::map<QString, decltype(play(names.front()))> played;
    std::mutex mutex;
    std::atomic<qsizetype> next{0};
    const auto work = [&] {
        for (qsizetype i = next++; i < names.size(); i = next++) {
            auto result = play(names[i]);
            const std::scoped_lock lock(mutex);
            played.emplace(names[i], std::move(result));
        }
    };
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < std::max(2U, std::thread::hardware_concurrency()) * byCore; ++i)
        workers.emplace_back(work);
    for (std::thread &worker : workers)
        worker.join();
    return played;
}

} // namespace golden
