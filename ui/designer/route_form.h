// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/designer/design_draft.h"
#include "ui/session/selection.h"

#include <QHash>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace sallyport::designer {

/// The questions of a route, in the order of a request's way, each with what is wrong with its answer below
/// it.
class RouteForm : public QWidget
{
    Q_OBJECT

public:
    RouteForm(session::ProjectSession &project, DesignDraft &draft, QWidget *parent = nullptr);

    void focusFirst();

Q_SIGNALS:
    /// The credential that is named is to be imported for the gateway's namespace.
    void importWanted(const sallyport::session::CredentialSelection &credential);

private:
    using Field = design::DesignField;

    void makeClients(QVBoxLayout &layout);
    void makeHost(QVBoxLayout &layout);
    void makeGateway(QVBoxLayout &layout);
    void makeEncryption(QVBoxLayout &layout);
    void makeAccess(QVBoxLayout &layout);
    void caption(QVBoxLayout &layout, const QString &text);
    /// A labelled editor with a hint, which a finding replaces.
    QWidget *field(Field field, const QString &label, QWidget *editor, const QString &hint);
    QComboBox *choice(const char *name);
    QLineEdit *line(const char *name);
    QSpinBox *port(const char *name);

    void read(Field field);
    void show();
    void showChoices();
    void showFindings();
    void importCredential();

    struct Words
    {
        QLabel *label = nullptr;
        QWidget *editor = nullptr;
        QString hint;
    };

    session::ProjectSession &m_project;
    DesignDraft &m_draft;
    QHash<int, Words> m_words; ///< by Field
    QComboBox *m_mesh = nullptr;
    QComboBox *m_clients = nullptr;
    QComboBox *m_host = nullptr;
    QSpinBox *m_clientPort = nullptr;
    QLineEdit *m_addresses = nullptr;
    QComboBox *m_gateway = nullptr;
    QSpinBox *m_gatewayPort = nullptr;
    QComboBox *m_encryption = nullptr;
    QSpinBox *m_externalPort = nullptr;
    QComboBox *m_credential = nullptr;
    QPushButton *m_import = nullptr;
    QLineEdit *m_sni = nullptr;
    QLineEdit *m_names = nullptr;
    QWidget *m_tls = nullptr;
    QComboBox *m_allowed = nullptr;
    QComboBox *m_nameSpace = nullptr;
    QCheckBox *m_registryOnly = nullptr;
    bool m_showing = false;
};

} // namespace sallyport::designer
