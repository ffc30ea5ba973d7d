// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"

#include <QList>
#include <QObject>
#include <QString>
#include <optional>
#include <variant>

namespace sallyport::session {

/// A card on the canvas: a workload (all of its instances) or a host outside of every mesh.
struct NodeSelection
{
    QString name; ///< full name, `primary:default/sleep`
    bool operator==(const NodeSelection &) const = default;
};

/// A hop between two cards.
struct HopSelection
{
    QString from; ///< full names
    QString to;
    QString cluster; ///< `outbound|443||test.com`, as the sender's log says
    bool operator==(const HopSelection &) const = default;
};

/// One resource of the project's YAML, perhaps a field of it.
struct ResourceSelection
{
    QString file; ///< below the project folder
    int document = 0;
    int listItem = -1;
    QString fieldPath; ///< `spec.http[0].timeout`; empty: the resource
    bool operator==(const ResourceSelection &) const = default;
};

/// One request of the traffic table, by its x-request-id.
struct RequestSelection
{
    QString requestId;
    bool operator==(const RequestSelection &) const = default;
};

/// An imported credential.
struct CredentialSelection
{
    QString mesh;
    QString nameSpace;
    QString name;
    bool operator==(const CredentialSelection &) const = default;
};

/// The way that one request took through the lab, for lighting it up on the canvas.
struct RequestPath
{
    /// What one proxy did with it, in the order of the way.
    struct Step
    {
        QString proxy;        ///< full name of the workload instance that logged it
        QString cluster;      ///< the line's upstream_cluster; empty or `-`: it went no further
        QString next;         ///< full name of the workload it went on to, where the log names it
        bool refused = false; ///< this proxy, or its way onward, ended it
        bool operator==(const Step &) const = default;
    };
    QString requestId;
    QList<Step> steps;
    /// Full name of the workload whose proxy ended it; empty where the application answered.
    QString endedAt;
    bool operator==(const RequestPath &) const = default;
};

using SelectedThing = std::variant<std::monostate, NodeSelection, HopSelection, ResourceSelection,
                                   RequestSelection, CredentialSelection>;

/// The one selection of the window: whatever shows things follows it, whatever can be clicked sets it.
class Selection : public QObject
{
    Q_OBJECT

public:
    explicit Selection(QObject *parent = nullptr)
        : QObject(parent)
    {
    }

    const SelectedThing &current() const { return m_current; }
    void set(SelectedThing thing)
    {
        if (thing == m_current)
            return;
        m_current = std::move(thing);
        if (!as<RequestSelection>())
            setPath({});
        Q_EMIT changed(m_current);
    }
    void clear() { set(std::monostate()); }
    template<typename Kind>
    const Kind *as() const
    {
        return std::get_if<Kind>(&m_current);
    }

    /// The way of the selected request; empty while something else is selected. The traffic panel sets it.
    const RequestPath &path() const { return m_path; }
    void setPath(RequestPath path)
    {
        if (path == m_path)
            return;
        m_path = std::move(path);
        Q_EMIT pathChanged(m_path);
    }

Q_SIGNALS:
    void changed(const sallyport::session::SelectedThing &thing);
    void pathChanged(const sallyport::session::RequestPath &path);

private:
    SelectedThing m_current;
    RequestPath m_path;
};

} // namespace sallyport::session
