// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/request/answer_text.h"
#include "ui/session/lab_session.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QToolButton;

namespace sallyport::theme {
class StatusChip;
}

namespace sallyport::request {

/// An answer: status, time, headers, body.
class AnswerView : public QWidget
{
    Q_OBJECT

public:
    explicit AnswerView(QWidget *parent = nullptr);

    void show(const session::SentRequest &sent);

Q_SIGNALS:
    void copied(const QString &what);

private:
    void showPage();

    theme::StatusChip *m_status;
    QLabel *m_facts;
    QToolButton *m_pretty;
    QToolButton *m_text;
    QToolButton *m_headers;
    QPlainTextEdit *m_content;
    session::SentRequest m_sent;
    AnswerText m_body;
};

} // namespace sallyport::request
