// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/frame.h"
#include "proxy/control/messages.h"

#include <QCborArray>
#include <QtTest>

using namespace sallyport::control;

/// Messages of the control channel as bytes.
class TestFrame : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readerTakesAnyPieces();
};

void TestFrame::readerTakesAnyPieces()
{
    QByteArray stream;
    for (int i = 0; i < 20; ++i) {
        QCborMap message = wire::message(wire::log);
        message.insert(wire::lines, QCborArray{true, QByteArray(i * 7, 'x')});
        stream += frame(message);
    }
    for (const qsizetype piece : {1, 3, 64, 100'000}) {
        FrameReader reader;
        int count = 0;
        for (qsizetype at = 0; at < stream.size(); at += piece) {
            reader.append(stream.mid(at, piece));
            while (true) {
                const auto message = reader.next();
                QVERIFY(message);
                if (!*message)
                    break;
                QCOMPARE((*message)->value(wire::lines).toArray().at(1).toByteArray().size(), count * 7);
                ++count;
            }
        }
        QCOMPARE(count, 20);
    }
}

QTEST_GUILESS_MAIN(TestFrame)
#include "test_frame.moc"
