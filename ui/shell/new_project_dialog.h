// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QButtonGroup;
class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace sallyport::shell {

/// Which stage of the guide, and where.
class NewProjectDialog : public QDialog
{
    Q_OBJECT

public:
    explicit NewProjectDialog(QWidget *parent = nullptr);

    int stage() const;
    QString folder() const;
    bool importsClient() const;

    /// A folder below `parent` that is not there yet: `egress-mtls`, `egress-mtls-2`.
    static QString freshFolder(const QString &parent);

private:
    void check();

    QButtonGroup *m_stages = nullptr;
    QLineEdit *m_folder = nullptr;
    QCheckBox *m_import = nullptr;
    QLabel *m_complaint = nullptr;
    QPushButton *m_create = nullptr;
};

} // namespace sallyport::shell
