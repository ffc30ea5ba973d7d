// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/request_runner.h"

#include <QPointer>

namespace sallyport::request {

RequestRunner::RequestRunner(Send send, QObject *parent)
    : QObject(parent)
    , m_send(std::move(send))
    , m_timer(this)
{
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &RequestRunner::sendNext);
}

Result<void> RequestRunner::start(const RequestDraft &draft, Repetition repetition)
{
    auto request = draft.request();
    if (!request)
        return fail(request.error().what, request.error().where, request.error().hint);
    stop();
    m_draft = draft;
    m_request = *request;
    m_repetition = repetition;
    m_statuses.clear();
    m_sent = 0;
    m_answered = 0;
    ++m_run;
    m_running = true;
    m_elapsed.start();
    Q_EMIT progressed();
    const quint64 run = m_run;
    if (repetition.intervalMs > 0) {
        m_timer.start(repetition.intervalMs);
        sendNext();
    } else {
        for (int i = 0; i < repetition.atOnce && wantsMore() && run == m_run; ++i)
            sendNext();
    }
    return {};
}

void RequestRunner::stop()
{
    if (!m_running)
        return;
    m_timer.stop();
    m_running = false;
    ++m_run;
    Q_EMIT finished();
}

bool RequestRunner::wantsMore() const
{
    return m_running && (m_repetition.times == 0 || m_sent < m_repetition.times);
}

void RequestRunner::sendNext()
{
    // Who answers slower than the interval is not asked ever more at once.
    if (!wantsMore() || m_sent - m_answered >= m_repetition.atOnce)
        return;
    ++m_sent;
    if (m_repetition.times != 0 && m_sent == m_repetition.times)
        m_timer.stop();
    m_send(m_draft.instance, m_request,
           [self = QPointer(this), run = m_run](const session::SentRequest &sent) {
               if (self && self->m_run == run)
                   self->onAnswer(sent);
           });
    Q_EMIT progressed();
}

void RequestRunner::onAnswer(const session::SentRequest &sent)
{
    ++m_answered;
    ++m_statuses[sent.error.isEmpty() ? sent.answer.status : 0];
    const quint64 run = m_run;
    Q_EMIT answer(sent);
    Q_EMIT progressed();
    if (run != m_run)
        return;
    // What cannot be sent at all will not be sent the next time either.
    if (!sent.error.isEmpty() || (!wantsMore() && m_answered >= m_sent)) {
        stop();
        return;
    }
    if (m_repetition.intervalMs == 0)
        sendNext();
}

} // namespace sallyport::request
