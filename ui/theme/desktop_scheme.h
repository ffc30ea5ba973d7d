// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusVariant>
#include <QObject>

namespace sallyport::theme {

/// Whether the desktop wishes dark windows, as its portal tells it (org.freedesktop.appearance). Says nothing
/// where there is no portal.
class DesktopScheme : public QObject
{
    Q_OBJECT

public:
    explicit DesktopScheme(QObject *parent = nullptr);

    /// Asks, without waiting, and listens from now on.
    void ask();

Q_SIGNALS:
    void told(bool dark);

private Q_SLOTS:
    void onSetting(const QString &nameSpace, const QString &key, const QDBusVariant &value);
};

} // namespace sallyport::theme
