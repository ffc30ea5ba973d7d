// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport::dataplane;

/// Which files a bootstrap may name: Envoy 1.40 looks at where a name leads to (filesystem_impl.cc,
/// illegalPath).
class TestCheckFiles : public QObject
{
    Q_OBJECT

    static QString made(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write("x") == 1 ? path : QString();
    }
    static bool passes(const QString &path) { return checkFile(path.toStdString(), "at").has_value(); }

private Q_SLOTS:
    void filesAndDevices()
    {
        const QTemporaryDir folder;
        QVERIFY(passes(made(folder.filePath("file"))));
        QVERIFY(!passes(folder.filePath("none")));
        for (const char *system : {"/dev/null", "/proc/self/status", "/proc/../dev/null"})
            QVERIFY2(!passes(system), system);
        const QString link = folder.filePath("link");
        QVERIFY(QFile::link("/dev/null", link));
        QVERIFY(!passes(link));
    }
    void sharedMemoryHoldsFiles()
    {
        const QTemporaryDir shared("/dev/shm/sallyport-test-XXXXXX");
        if (!shared.isValid())
            QSKIP("there is no shared memory here");
        const QString file = made(shared.filePath("file"));
        QVERIFY(passes(file));
        const QTemporaryDir folder;
        const QString link = folder.filePath("link");
        QVERIFY(QFile::link(file, link));
        QVERIFY(passes(link));
        const QString device = shared.filePath("device");
        QVERIFY(QFile::link("/dev/null", device));
        QVERIFY(!passes(device));
        QVERIFY(!passes("/dev/shm/../null"));
    }
};

QTEST_APPLESS_MAIN(TestCheckFiles)
#include "test_check_files.moc"
