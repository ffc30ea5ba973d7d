// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/elided_button.h"
#include "ui/theme/shown_page.h"

#include <QLabel>
#include <QStackedWidget>
#include <QTest>

using namespace sallyport::theme;

class TestNarrowWindows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aButtonShowsAsMuchAsThereIsRoomFor_data()
    {
        QTest::addColumn<Qt::TextElideMode>("mode");
        QTest::addColumn<QString>("begin");
        QTest::addColumn<QString>("end");

        QTest::newRow("the end goes") << Qt::ElideRight << "Gateway"
                                      << "…";
        QTest::newRow("the middle goes") << Qt::ElideMiddle << "Gat"
                                         << "way";
    }

    void aButtonShowsAsMuchAsThereIsRoomFor()
    {
        QFETCH(Qt::TextElideMode, mode);
        QFETCH(QString, begin);
        QFETCH(QString, end);
        const QString whole = QStringLiteral("Gateway istio-system/istio-egressgateway for the gateway");
        ElidedButton button(whole, mode);
        button.resize(button.sizeHint());
        button.show();
        QCOMPARE(button.text(), whole);

        button.resize(button.sizeHint().width() / 2, button.height());
        QVERIFY2(button.text().startsWith(begin) && button.text().endsWith(end), qPrintable(button.text()));
        QVERIFY(button.text().size() < whole.size());
        QVERIFY(button.text().contains(QChar(0x2026)));
        QCOMPARE(button.accessibleName(), whole);

        button.resize(button.sizeHint());
        QCOMPARE(button.text(), whole);
    }

    void aButtonLeavesRoomForWhatStandsBeside()
    {
        ElidedButton button(QStringLiteral("Search or run a command"), Qt::ElideRight);
        const QSize alone = button.sizeHint();
        button.setReserved(80);
        QCOMPARE(button.sizeHint().width(), alone.width() + 80);
        button.resize(alone);
        button.show();
        QVERIFY(button.text().endsWith(QChar(0x2026)));
        QVERIFY(button.minimumSizeHint().width() < alone.width());
    }

    void onlyTheShownPageAsksForWidth()
    {
        QStackedWidget pages;
        auto *narrow = new QLabel(QStringLiteral("short"));
        auto *wide = new QLabel(QString(200, QLatin1Char('w')));
        pages.addWidget(narrow);
        pages.addWidget(wide);
        const int most = wide->minimumSizeHint().width();
        QCOMPARE(pages.minimumSizeHint().width(), most);

        askWidthOfShownPage(pages);
        QVERIFY(pages.minimumSizeHint().width() < most);
        pages.setCurrentWidget(wide);
        QCOMPARE(pages.minimumSizeHint().width(), most);
        pages.setCurrentWidget(narrow);
        QVERIFY(pages.minimumSizeHint().width() < most);
    }
};

QTEST_MAIN(TestNarrowWindows)
#include "test_narrow_windows.moc"
