// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/http1_message.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonObject>
#include <mutex>
#include <optional>

namespace golden {

struct UpstreamAnswer
{
    int delayMs = 0; ///< to be waited before it is sent
    int status = 200;
    HeaderPairs headers;
    QByteArray body; ///< chunked: `|` between chunks
    HeaderPairs trailers;
    std::optional<QJsonArray> script; ///< instead of an answer
};

/// What an upstream answers: its own scripts, or what the path asks for ("The upstream" in the vectors'
/// README). Any thread.
class UpstreamAnswers
{
public:
    /// `id` is told in each answer; `scripts` by path, or by the beginning of one with `*` behind it.
    UpstreamAnswers(QByteArray id, QJsonObject scripts)
        : m_id(std::move(id))
        , m_scripts(std::move(scripts))
    {
    }

    UpstreamAnswer to(const QByteArray &method, const QByteArray &target, const HeaderPairs &headers);

private:
    const QByteArray m_id;
    const QJsonObject m_scripts;
    std::mutex m_mutex;
    QHash<QByteArray, int> m_flaky; ///< requests so far
};

} // namespace golden
