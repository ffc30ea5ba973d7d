// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/request/request_history.h"
#include "ui/request/request_presets.h"
#include "ui/request/request_runner.h"
#include "ui/session/context.h"

#include <QWidget>

class QAction;
class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;
class QSplitter;
class QStackedWidget;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::request {

class AnswerView;
class RequestComposer;

/// Composes a request, sends it as an application of the lab, once or steadily, and shows the answer.
class RequestPanel : public QWidget
{
    Q_OBJECT

public:
    explicit RequestPanel(session::Context &context, QWidget *parent = nullptr);
    ~RequestPanel() override;

    /// Puts a draft into the form. What it does not say (headers, body) is taken from the history's newest
    /// request with the same method and URL.
    void compose(const RequestDraft &draft);
    /// The same, and sends it once.
    void send(const RequestDraft &draft);
    void focusUrl();
    QList<QAction *> requestActions() const;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// An answer came.
    void answered(const sallyport::session::SentRequest &sent);
    /// A word for the status bar.
    void message(const QString &text);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void makeActions();
    void makeMenus();
    void run(Repetition repetition);
    void onAnswer(const session::SentRequest &sent);
    void recall(int step);
    RequestDraft completed(RequestDraft draft) const;
    void showProgress();
    void showState();
    void updatePresets();
    void fillHistory(QMenu &menu);

    session::Context &m_context;
    RequestHistory m_history;
    RequestRunner m_runner;
    QList<RequestPreset> m_presets;
    int m_recalled = -1;   ///< index of the history that is in the form; -1: none
    RequestDraft m_unsent; ///< what was in the form before the history was

    QAction *m_send = nullptr;
    QAction *m_cancel = nullptr;
    QAction *m_older = nullptr;
    QAction *m_newer = nullptr;
    QAction *m_start = nullptr;

    RequestComposer *m_composer;
    AnswerView *m_answer;
    theme::EmptyState *m_empty;
    QStackedWidget *m_right;
    QSplitter *m_splitter;
    QPushButton *m_sendButton;
    QWidget *m_progress;
    QProgressBar *m_bar;
    QLabel *m_counts;
    QMenu *m_presetMenu;
    bool m_hasAnswer = false;
};

} // namespace sallyport::request
