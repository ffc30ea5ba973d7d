// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/json_string.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtTest>

using namespace sallyport::telemetry;

namespace {

std::string jsonOf(const std::string &text)
{
    std::string out = "before ";
    appendJsonString(out, text);
    LineBuffer line;
    putJsonString(line, text);
    return "before " + std::string(line.view()) == out ? out.substr(7) : "not the same in a line";
}

/// What a reader of JSON makes of it.
QString readBack(const std::string &json)
{
    const QJsonDocument document = QJsonDocument::fromJson('[' + QByteArray::fromStdString(json) + ']');
    return document.isArray() ? document.array().at(0).toString()
                              : QStringLiteral("no JSON: ") + QString::fromStdString(json);
}

} // namespace

class TestJsonString : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void plainTextIsQuotedAsItIs()
    {
        QCOMPARE(jsonOf({}), std::string("\"\""));
        for (std::size_t size = 1; size < 200; ++size) {
            std::string text;
            for (std::size_t i = 0; i < size; ++i)
                text += static_cast<char>('#' + (i * 7 + size) % 57);
            QCOMPARE(jsonOf(text), '"' + text + '"');
        }
    }

    /// Wherever it stands in texts of every length: bytes are looked at by eight and by sixteen.
    void whatNeedsEscapingIsFoundEverywhere()
    {
        const QStringList odd{QStringLiteral("\""), QStringLiteral("\\"),   QStringLiteral("\n"),
                              QStringLiteral("\t"), QStringLiteral("\r"),   QStringLiteral("\x01"),
                              QStringLiteral("é"),  QStringLiteral("\x1f"), QStringLiteral("€")};
        for (int size = 0; size < 70; ++size) {
            for (int at = 0; at <= size; ++at) {
                QString text(size, QLatin1Char('a'));
                text.insert(at, odd[(size + at) % odd.size()]);
                QCOMPARE(readBack(jsonOf(text.toStdString())), text);
            }
        }
    }

    void bytesThatAreNoUtf8AreEscaped()
    {
        QCOMPARE(jsonOf("a\xff"), std::string("\"a\\u00ff\""));
        QCOMPARE(jsonOf(std::string(20, 'a').append("\xc3")), '"' + std::string(20, 'a') + "\\u00c3\"");
        QCOMPARE(jsonOf("\x7f"), std::string("\"\x7f\""));
        QCOMPARE(jsonOf(std::string("a\0b", 3)), std::string("\"a\\u0000b\""));
    }
};

QTEST_GUILESS_MAIN(TestJsonString)
#include "test_json_string.moc"
