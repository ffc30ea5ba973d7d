// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_model.h"
#include "ui/session/context.h"

#include <QFutureWatcher>
#include <QTimer>

namespace sallyport::certificates {

/// The certificates of the open project and its lab, kept up to date: one model for everything that shows
/// them. Entries are made on a worker thread. GUI thread only.
class CertificateList : public QObject
{
    Q_OBJECT

public:
    explicit CertificateList(session::Context &context, QObject *parent = nullptr);
    ~CertificateList() override;

    CertificateModel &model() { return m_model; }

Q_SIGNALS:
    /// The model is about to get other rows; changed() follows.
    void changing();
    void changed();

private:
    void look();

    session::Context &m_context;
    CertificateModel m_model;
    QFutureWatcher<std::vector<CertificateEntry>> m_watcher;
    QTimer m_clock; ///< what is left gets less
    bool m_again = false;
};

} // namespace sallyport::certificates
