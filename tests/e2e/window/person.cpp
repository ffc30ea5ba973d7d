// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/window/person.h"

#include "ui/topology/topology_panel.h"
#include "ui/traffic/traffic_panel.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QtTest>

using namespace sallyport;

namespace e2e {

Home::Home()
{
    const QByteArray place = m_place.path().toUtf8();
    qputenv("HOME", place);
    qputenv("XDG_CONFIG_HOME", place + "/config");
    qputenv("XDG_DATA_HOME", place + "/data");
    qputenv("XDG_STATE_HOME", place + "/state");
    qputenv("XDG_CACHE_HOME", place + "/cache");
    qputenv("XDG_RUNTIME_DIR", place);
}

Person::Person(shell::MainWindow &window)
    : m_window(window)
{
    window.resize(1600, 960);
    window.show();
    if (!QTest::qWaitForWindowActive(&window))
        qFatal("the window does not come up");
}

void Person::press(const QString &keys)
{
    const QKeyCombination combination = QKeySequence(keys)[0];
    QWindow *focus = QGuiApplication::focusWindow();
    QTest::keyClick(focus ? focus : m_window.windowHandle(), combination.key(),
                    combination.keyboardModifiers());
    QCoreApplication::processEvents();
}

void Person::type(const QString &text)
{
    for (const QChar letter : text) {
        QWindow *focus = QGuiApplication::focusWindow();
        QTest::keyClick(focus ? focus : m_window.windowHandle(), letter.toLatin1());
    }
}

void Person::click(QWidget *widget)
{
    QVERIFY(widget);
    // The window manager brings a new window up in its own time; nobody types before it is there.
    const QWindow *window = widget->window()->windowHandle();
    QVERIFY(QTest::qWaitFor([window] { return QGuiApplication::focusWindow() == window; }, patience));
    QTest::mouseClick(widget->window()->windowHandle(), Qt::LeftButton, {},
                      widget->mapTo(widget->window(), widget->rect().center()));
    QCoreApplication::processEvents();
}

void Person::click(QAbstractItemView *view, const QModelIndex &index)
{
    QVERIFY(view && index.isValid());
    view->scrollTo(index);
    QTest::mouseClick(view->window()->windowHandle(), Qt::LeftButton, {},
                      view->viewport()->mapTo(view->window(), view->visualRect(index).center()));
    QCoreApplication::processEvents();
}

QString Person::reads(const char *name)
{
    const QWidget *widget = visible(name);
    if (!widget)
        return {};
    const auto *label = qobject_cast<const QLabel *>(widget);
    return label ? label->text() : widget->accessibleName();
}

void Person::send(const QString &method, const QString &url)
{
    press(QStringLiteral("Ctrl+R"));
    auto *field = see<QLineEdit>("requestUrl");
    auto *methods = see<QComboBox>("requestMethod");
    QVERIFY(field && methods);
    methods->setCurrentText(method);
    QTRY_VERIFY(field->hasFocus());
    press(QStringLiteral("Ctrl+A"));
    type(url);
    press(QStringLiteral("Ctrl+Return"));
}

void Person::photograph(const QString &name)
{
    const QString folder = qEnvironmentVariable("SALLYPORT_PHOTOGRAPHS");
    if (folder.isEmpty())
        return;
    QTest::qWait(300); // what is drawn at frame rate
    QDir().mkpath(folder);
    m_window.grab().save(QDir(folder).filePath(name + QStringLiteral(".png")));
}

topology::ChainModel &Person::chain()
{
    return m_window.findChild<topology::TopologyPanel *>()->model();
}

traffic::RequestTableModel &Person::requests()
{
    return m_window.findChild<traffic::TrafficPanel *>()->model();
}

QWidget *Person::visible(const char *name)
{
    for (QWidget *top : QApplication::topLevelWidgets()) {
        if (!top->isVisible())
            continue;
        if (top->objectName() == QLatin1String(name))
            return top;
        for (QWidget *widget : top->findChildren<QWidget *>(QLatin1String(name))) {
            if (widget->isVisible())
                return widget;
        }
    }
    return nullptr;
}

} // namespace e2e
