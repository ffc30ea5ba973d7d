// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain_model.h"

#include <QObject>

class QLabel;
class QStatusBar;

namespace sallyport::shell {

/// The status bar's standing words: processes, rates, encryption, lost rows; saved or not, warnings.
class StatusStrip : public QObject
{
    Q_OBJECT

public:
    StatusStrip(session::Context &context, topology::ChainModel &chain, QStatusBar &bar);

    void setProblems(int errors, int warnings);

private:
    void showLab();
    void showFlow();
    void showHops();
    void showProject();

    session::Context &m_context;
    topology::ChainModel &m_chain;
    QLabel *m_icon = nullptr;
    QLabel *m_lab = nullptr;
    QLabel *m_flow = nullptr;
    QLabel *m_hops = nullptr;
    QLabel *m_dropped = nullptr;
    QLabel *m_project = nullptr;
    QString m_problems;
};

} // namespace sallyport::shell
