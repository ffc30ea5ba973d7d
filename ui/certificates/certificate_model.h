// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_entry.h"

#include <QAbstractListModel>

namespace sallyport::certificates {

/// Certificate entries as rows of a list in groups: the first row of a group says its name.
class CertificateModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        DetailRole = Qt::UserRole + 1, ///< the second line: where it lies, whose it is
        StateRole,                     ///< `71 days`
        ValidityRole,                  ///< Validity as int
        KindRole,                      ///< CertificateEntry::Kind as int
        GroupRole,                     ///< the group's name if the row begins one, else empty
        UsedRole                       ///< bool: something refers to it
    };

    explicit CertificateModel(QObject *parent = nullptr);

    /// Rows that stay the same thing keep their place in views.
    void setEntries(std::vector<CertificateEntry> entries);
    const std::vector<CertificateEntry> &entries() const { return m_entries; }
    const CertificateEntry *entryAt(const QModelIndex &index) const;
    /// The row of the same credential or proxy; invalid if there is none.
    QModelIndex indexOf(const CertificateEntry &entry) const;
    /// The credential's row; one of the YAML counts as well.
    QModelIndex indexOf(const session::CredentialSelection &credential) const;

    /// Judges validity at another time.
    void setNow(TimePoint now);
    TimePoint now() const { return m_now; }

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

    static QString groupText(const CertificateEntry &entry);
    /// The icon of resources/icons that says what kind an entry is.
    static QString iconOf(const CertificateEntry &entry);

private:
    QString detail(const CertificateEntry &entry) const;

    std::vector<CertificateEntry> m_entries;
    TimePoint m_now = std::chrono::system_clock::now();
};

} // namespace sallyport::certificates
