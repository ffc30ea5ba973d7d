// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/project_template.h"
#include "tests/e2e/window/person.h"
#include "ui/theme/theme.h"
#include "ui/topology/chain_model.h"

#include <QtTest>
#include <memory>

namespace e2e {

/// A console with a project of the guide, whose lab runs, and somebody before it.
class RunningConsole
{
public:
    /// Opens a new project at `stage` and starts its lab; QFAILs if that does not come to be.
    void open(int stage, bool withCredential)
    {
        m_folder = m_home.path(QStringLiteral("project-%1").arg(++m_projects));
        const auto made = sallyport::lab::createFromTemplate(m_folder.toStdString(), stage, withCredential);
        QVERIFY2(made, made ? "" : made.error().toString().c_str());
        sallyport::control::Programs programs;
        programs.gateway = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-gateway");
        programs.httpbin = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-httpbin");
        m_window = std::make_unique<sallyport::shell::MainWindow>(programs);
        m_window->setSaveQuestion([] { return sallyport::shell::MainWindow::SaveChoice::Discard; });
        m_person = std::make_unique<Person>(*m_window);
        m_window->openProject(m_folder);
        QTRY_VERIFY_WITH_TIMEOUT(!m_person->chain().chain().hops.empty(), patience);
        m_person->press(QStringLiteral("F5"));
        QTRY_COMPARE_WITH_TIMEOUT(m_window->context().lab.state(), sallyport::session::LabState::Running,
                                  patience);
    }
    /// Keeps a picture of what failed.
    void close()
    {
        if (QTest::currentTestFailed() && m_person)
            m_person->photograph(QStringLiteral("failed-") +
                                 QString::fromLatin1(QTest::currentTestFunction()));
        m_person.reset();
        m_window.reset();
    }

    const QString &folder() const { return m_folder; }
    sallyport::shell::MainWindow &window() { return *m_window; }
    Person &person() { return *m_person; }

private:
    Home m_home;
    sallyport::theme::Theme m_theme{*qApp};
    QString m_folder;
    std::unique_ptr<sallyport::shell::MainWindow> m_window;
    std::unique_ptr<Person> m_person;
    int m_projects = 0;
};

} // namespace e2e
