// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_entry.h"

#include <QWidget>

class QAction;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace sallyport::theme {
class StatusChip;
}

namespace sallyport::certificates {

class ChainTree;
class FactGrid;

/// One credential or certificate: how it stands, who uses it, its chain, and all that the chosen certificate
/// of the chain says.
class CertificateDetail : public QWidget
{
    Q_OBJECT

public:
    explicit CertificateDetail(QWidget *parent = nullptr);

    void setEntry(const CertificateEntry &entry, TimePoint now);

Q_SIGNALS:
    /// A user of the credential was clicked.
    void useActivated(const sallyport::session::SelectedThing &target);
    /// The missing credential is to be imported.
    void importRequested();
    void message(const QString &text);

private:
    QWidget *makeHead();
    QWidget *makeBody();
    void showUses();
    void showLink();
    void copyPem();

    CertificateEntry m_entry;
    TimePoint m_now;
    QLabel *m_title = nullptr;
    QLabel *m_where = nullptr;
    theme::StatusChip *m_state = nullptr;
    QWidget *m_uses = nullptr;
    QHBoxLayout *m_useButtons = nullptr;
    QStackedWidget *m_stack = nullptr;
    QLabel *m_problem = nullptr;
    QPushButton *m_import = nullptr;
    ChainTree *m_chain = nullptr;
    FactGrid *m_facts = nullptr;
    QPushButton *m_copyFacts = nullptr;
    QPushButton *m_copyPem = nullptr;
};

} // namespace sallyport::certificates
