// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/window_settings.h"

#include <QDir>
#include <QStandardPaths>

namespace sallyport::shell {

namespace {

constexpr int mostRecent = 10;
constexpr int version = 1; ///< of the meaning of the keys
const QString recentKey = QStringLiteral("projects/recent");
const QString schemeKey = QStringLiteral("window/scheme");
const QString engineKey = QStringLiteral("lab/engine");
const QString guideKey = QStringLiteral("window/guide");
const QString geometryKey = QStringLiteral("window/geometry");
const QString docksKey = QStringLiteral("window/docks");
const QString splitterKey = QStringLiteral("window/splitter");

} // namespace

WindowSettings::WindowSettings()
    : m_settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("sallyport"),
                 QStringLiteral("sallyport"))
{
    m_settings.setValue(QStringLiteral("version"), version);
}

QStringList WindowSettings::recentProjects() const
{
    return m_settings.value(recentKey).toStringList();
}

void WindowSettings::addRecentProject(const QString &folder)
{
    QStringList list = recentProjects();
    list.removeAll(folder);
    list.prepend(folder);
    m_settings.setValue(recentKey, QStringList(list.mid(0, mostRecent)));
}

void WindowSettings::clearRecentProjects()
{
    m_settings.remove(recentKey);
}

theme::Scheme WindowSettings::scheme() const
{
    const QString name = m_settings.value(schemeKey).toString();
    return name == QLatin1String("light")  ? theme::Scheme::Light
           : name == QLatin1String("dark") ? theme::Scheme::Dark
                                           : theme::Scheme::System;
}

void WindowSettings::setScheme(theme::Scheme scheme)
{
    m_settings.setValue(schemeKey, scheme == theme::Scheme::Light  ? QStringLiteral("light")
                                   : scheme == theme::Scheme::Dark ? QStringLiteral("dark")
                                                                   : QStringLiteral("system"));
}

control::Engine WindowSettings::engine() const
{
    return m_settings.value(engineKey).toString() == QLatin1String("envoy") ? control::Engine::Envoy
                                                                            : control::Engine::Embedded;
}

void WindowSettings::setEngine(control::Engine engine)
{
    m_settings.setValue(engineKey, engine == control::Engine::Envoy ? QStringLiteral("envoy")
                                                                    : QStringLiteral("embedded"));
}

bool WindowSettings::showsGuide() const
{
    return m_settings.value(guideKey, true).toBool();
}

void WindowSettings::setShowsGuide(bool shows)
{
    m_settings.setValue(guideKey, shows);
}

QByteArray WindowSettings::geometry() const
{
    return m_settings.value(geometryKey).toByteArray();
}

QByteArray WindowSettings::docks() const
{
    return m_settings.value(docksKey).toByteArray();
}

QByteArray WindowSettings::splitter() const
{
    return m_settings.value(splitterKey).toByteArray();
}

void WindowSettings::setWindow(const QByteArray &geometry, const QByteArray &docks,
                               const QByteArray &splitter)
{
    m_settings.setValue(geometryKey, geometry);
    m_settings.setValue(docksKey, docks);
    m_settings.setValue(splitterKey, splitter);
}

QString WindowSettings::projectsFolder()
{
    QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    if (documents.isEmpty() || !QFileInfo(QFileInfo(documents).path()).isWritable())
        documents = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    return documents + QStringLiteral("/Sallyport");
}

} // namespace sallyport::shell
