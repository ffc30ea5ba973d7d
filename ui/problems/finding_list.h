// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/problems/finding.h"
#include "ui/session/context.h"

#include <QFutureWatcher>
#include <QObject>

namespace sallyport::problems {

/// The findings of the open project, kept up to date: one list for the table, the tree's badges, the editor's
/// marks and the forms. They are made on a worker thread. GUI thread only.
class FindingList : public QObject
{
    Q_OBJECT

public:
    explicit FindingList(session::Context &context, QObject *parent = nullptr);
    ~FindingList() override;

    const std::vector<Finding> &all() const { return m_findings; }
    int count(model::Severity severity) const;
    /// The worst severity of a resource's findings; nothing if it has none.
    std::optional<model::Severity> worstOf(const session::ResourceSelection &resource) const;
    std::vector<const Finding *> ofFile(const QString &file) const;

    /// Applies a fix to the project as one undo step.
    Result<void> apply(const Fix &fix);

Q_SIGNALS:
    void changed();

private:
    void look();
    void publish();

    session::Context &m_context;
    QFutureWatcher<std::vector<Finding>> m_watcher;
    std::vector<Finding> m_ofProject;
    std::vector<Finding> m_ofLab;
    std::vector<Finding> m_findings;
    bool m_again = false;
};

} // namespace sallyport::problems
