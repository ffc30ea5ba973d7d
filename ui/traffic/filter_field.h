// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <optional>
#include <span>

namespace sallyport::traffic {

/// A name that a filter can compare.
struct FilterField
{
    enum class Id {
        Status,
        Method,
        Host,
        Path,
        Protocol,
        Flags,
        Details,
        Decided,
        Policy,
        Proxy,
        Source,
        Cluster,
        Duration,
        Hops,
        Outcome,
        RequestId,
        Line, ///< a field of the log lines, by its own name
    };
    Id id = Id::Line;
    QString name;
    bool numeric = false;
    bool caseSensitive = true; ///< of == and !=; `contains` never is
    QString help;              ///< one line for the completion list
};

/// All fields, those of a request first, then those of Istio's access log.
std::span<const FilterField> filterFields();
std::optional<FilterField> filterField(QStringView name);
/// The field that was probably meant; empty if nothing comes near.
QString nearestFilterField(QStringView name);

} // namespace sallyport::traffic
