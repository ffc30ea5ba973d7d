// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "ui/request/request_draft.h"

#include <QAbstractListModel>
#include <QDateTime>

namespace sallyport::request {

/// A request that was sent.
struct SentDraft
{
    RequestDraft draft;
    QDateTime when;
    int status = 0; ///< 0: no answer
    qint64 tookUs = 0;
    bool operator==(const SentDraft &) const = default;
};

/// The requests that were sent from a project, newest first. Kept in the user's data folder, not in the
/// project, without the values of headers that are credentials. A file that cannot be read or written is no
/// reason to stop: the history is then of this session only.
class RequestHistory : public QAbstractListModel
{
    Q_OBJECT

public:
    static constexpr int limit = 200;
    enum Role { DraftRole = Qt::UserRole + 1 };

    /// Keeps histories in `folder`; empty: the user's data folder.
    explicit RequestHistory(const QString &folder = {}, QObject *parent = nullptr);

    /// Reads the project's history; empty: forgets what is shown.
    void setProject(const QString &projectFolder);
    /// Adds to the front, or moves there what is the same request.
    void add(const SentDraft &sent);
    void clear();
    const QList<SentDraft> &items() const { return m_items; }

    /// The newest draft with this method and URL, from whichever instance; what a log line does not say
    /// (headers, body) is in it. Null if there is none.
    const RequestDraft *find(const QString &method, const QString &url) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

private:
    void read();
    void write() const;
    QString path() const;

    QString m_folder;
    QString m_project;
    QList<SentDraft> m_items;
};

} // namespace sallyport::request
