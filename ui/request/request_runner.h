// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/request/request_draft.h"
#include "ui/session/lab_session.h"

#include <QElapsedTimer>
#include <QMap>
#include <QObject>
#include <QTimer>
#include <functional>

namespace sallyport::request {

/// How often one draft is sent.
struct Repetition
{
    int times = 1;      ///< 0: until stop()
    int intervalMs = 0; ///< between starts; 0: each when one before has ended
    int atOnce = 1;     ///< requests under way at the same time, at most
};

/// Sends one draft once or many times, and counts what came back.
class RequestRunner : public QObject
{
    Q_OBJECT

public:
    using Send = std::function<void(const QString &instance, const application::Request &request,
                                    std::function<void(const session::SentRequest &)> done)>;

    explicit RequestRunner(Send send, QObject *parent = nullptr);

    /// An Error: the draft cannot be sent; nothing started.
    Result<void> start(const RequestDraft &draft, Repetition repetition);
    /// Sends no more. Answers to what is under way are dropped.
    void stop();

    bool isRunning() const { return m_running; }
    const RequestDraft &draft() const { return m_draft; }
    Repetition repetition() const { return m_repetition; }
    int sent() const { return m_sent; }
    int answered() const { return m_answered; }
    /// How many came back with each status; 0: no answer.
    const QMap<int, int> &statuses() const { return m_statuses; }
    /// Milliseconds since start().
    qint64 elapsedMs() const { return m_elapsed.isValid() ? m_elapsed.elapsed() : 0; }

Q_SIGNALS:
    /// An answer came, or the request could not be sent.
    void answer(const sallyport::session::SentRequest &sent);
    void progressed();
    /// All are answered, or stop() was called.
    void finished();

private:
    void sendNext();
    void onAnswer(const session::SentRequest &sent);
    bool wantsMore() const;

    Send m_send;
    QTimer m_timer;
    QElapsedTimer m_elapsed;
    RequestDraft m_draft;
    application::Request m_request;
    Repetition m_repetition;
    QMap<int, int> m_statuses;
    int m_sent = 0;
    int m_answered = 0;
    quint64 m_run = 0; ///< tells late answers of an earlier run
    bool m_running = false;
};

} // namespace sallyport::request
