// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/context.h"
#include "ui/shell/actions.h"

#include <QWidget>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QToolButton;

namespace sallyport::shell {

/// Above everything: whose project, which stage, start and stop, engine, search, undo, problems.
class TopBar : public QWidget
{
    Q_OBJECT

public:
    TopBar(session::Context &context, Actions &actions, QWidget *parent = nullptr);

    /// Errors and warnings of the YAML.
    void setProblems(int errors, int warnings);

private:
    void addStages(QHBoxLayout &layout);
    void showProject();
    void showStage();
    void showLab();

    session::Context &m_context;
    Actions &m_actions;
    QLabel *m_project = nullptr;
    QWidget *m_stages = nullptr;
    QPushButton *m_lab = nullptr;
    QComboBox *m_engine = nullptr;
    QToolButton *m_problems = nullptr;
};

} // namespace sallyport::shell
