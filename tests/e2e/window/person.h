// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/main_window.h"

#include <QTemporaryDir>

class QAbstractItemView;

namespace sallyport::traffic {
struct RequestRow;
class RequestTableModel;
} // namespace sallyport::traffic
namespace sallyport::topology {
class ChainModel;
}

/// Somebody who sits before the console: types and clicks where a person would, reads what is shown.
namespace e2e {

/// How long a person waits for the lab or for an answer, in milliseconds.
inline constexpr int patience = 30'000;

/// A user who has nothing but an empty home. Make it before the first window.
class Home
{
public:
    Home();
    QString path(const QString &name) const { return m_place.filePath(name); }

private:
    QTemporaryDir m_place;
};

class Person
{
public:
    /// Shows the window and waits until it has the keyboard.
    explicit Person(sallyport::shell::MainWindow &window);

    /// A key in whatever window has the focus, as the keyboard sends it: `Ctrl+R`.
    void press(const QString &keys);
    void type(const QString &text);
    void click(QWidget *widget);
    /// Chooses a row of a list, a table or a tree.
    void click(QAbstractItemView *view, const QModelIndex &index);
    /// The widget of that name, which must be on the screen.
    template<typename Widget>
    Widget *see(const char *name)
    {
        return qobject_cast<Widget *>(visible(name));
    }
    bool sees(const char *name) { return visible(name) != nullptr; }
    /// The text of a label or a chip of that name; empty if it is not on the screen.
    QString reads(const char *name);

    /// Writes a request into the composer and sends it: `GET`, `http://test.com/status/418`.
    void send(const QString &method, const QString &url);

    /// Keeps a picture of the window beside the test's other output, for whoever wants to look.
    void photograph(const QString &name);

    sallyport::topology::ChainModel &chain();
    sallyport::traffic::RequestTableModel &requests();

private:
    QWidget *visible(const char *name);

    sallyport::shell::MainWindow &m_window;
};

} // namespace e2e
