// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/designer/design_preview.h"
#include "ui/session/project_session.h"

#include <QSet>
#include <QThreadPool>
#include <QTimer>

namespace sallyport::designer {

/// A route while a person designs it: what they typed, what follows from the host for the rest, and what it
/// would do to the project, made anew on a worker thread after each change. GUI thread only.
class DesignDraft : public QObject
{
    Q_OBJECT

public:
    explicit DesignDraft(session::ProjectSession &project, QObject *parent = nullptr);
    ~DesignDraft() override;

    /// Begins with a design; nothing in it counts as typed.
    void begin(const design::RouteDesign &design);
    const design::RouteDesign &design() const { return m_design; }

    /// Another host: what the person has not typed is proposed anew for it.
    void setHost(const std::string &host);
    /// Another mesh: all but the host is proposed anew.
    void setMesh(const std::string &mesh);
    /// Any other change of the person's; `field` stays as it is from now on.
    void edit(design::DesignField field, const design::RouteDesign &changed);
    bool isTyped(design::DesignField field) const { return m_typed.contains(static_cast<int>(field)); }

    /// Belongs to design() when isCurrent().
    const DesignPreview &preview() const { return m_preview; }
    bool isCurrent() const { return m_known == m_wanted; }
    bool canApply() const;
    /// One undo step. Fails, changing nothing, if the files changed meanwhile.
    Result<void> apply();

Q_SIGNALS:
    /// design() is another, by begin() or because something follows from the host.
    void proposed();
    /// design() changed: preview() is not current any more.
    void changed();
    /// preview() is new.
    void previewed();

private:
    void propose(const design::RouteDesign &fresh);
    void change();
    void look();

    session::ProjectSession &m_project;
    design::RouteDesign m_design;
    QSet<int> m_typed; ///< design::DesignField
    DesignPreview m_preview;
    QThreadPool m_worker;
    QTimer m_timer;   ///< lets a person finish typing
    int m_wanted = 0; ///< counts changes of the design and of the project
    int m_known = 0;  ///< which of them the preview belongs to
    bool m_looking = false;
};

/// `default/sleep, apps/batch` and back.
QString workloadsText(const std::vector<design::WorkloadName> &names);
std::vector<design::WorkloadName> workloadsFromText(const QString &text);
/// Values with commas or spaces between them.
QString listText(const std::vector<std::string> &values);
std::vector<std::string> listFromText(const QString &text);

} // namespace sallyport::designer
