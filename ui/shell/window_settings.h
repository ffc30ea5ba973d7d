// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/supervisor.h"
#include "ui/theme/theme.h"

#include <QByteArray>
#include <QSettings>
#include <QStringList>

namespace sallyport::shell {

/// What the window remembers from one start to the next, in the user's configuration folder. Holds no secret.
class WindowSettings
{
public:
    WindowSettings();

    /// Folders, the latest first; at most ten.
    QStringList recentProjects() const;
    void addRecentProject(const QString &folder);
    void clearRecentProjects();

    theme::Scheme scheme() const;
    void setScheme(theme::Scheme scheme);
    control::Engine engine() const;
    void setEngine(control::Engine engine);
    bool showsGuide() const;
    void setShowsGuide(bool shows);

    QByteArray geometry() const;
    QByteArray docks() const;
    QByteArray splitter() const;
    void setWindow(const QByteArray &geometry, const QByteArray &docks, const QByteArray &splitter);

    /// Where new projects are made unless the person says otherwise.
    static QString projectsFolder();

private:
    QSettings m_settings;
};

} // namespace sallyport::shell
