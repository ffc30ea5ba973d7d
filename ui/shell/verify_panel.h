// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/context.h"
#include "ui/shell/verdict_model.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTreeView;

namespace sallyport::shell {

/// The project's checks: plays them and shows what was expected and what was seen.
class VerifyPanel : public QWidget
{
    Q_OBJECT

public:
    explicit VerifyPanel(session::Context &context, QWidget *parent = nullptr);

    /// Plays the checks; starts the lab first where it does not run.
    void run();
    const VerdictModel &verdict() const { return m_model; }

private:
    void showSummary(const QString &error = {});

    session::Context &m_context;
    VerdictModel m_model;
    QPushButton *m_run = nullptr;
    QLabel *m_icon = nullptr;
    QLabel *m_summary = nullptr;
    QTreeView *m_view = nullptr;
    bool m_runWhenReady = false;
};

} // namespace sallyport::shell
