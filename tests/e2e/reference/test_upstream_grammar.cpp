// SPDX-License-Identifier: GPL-3.0-or-later
// What an upstream may answer, and what ends in 502: envoy-behaviour 3.10, by its numbers.
#include "tests/e2e/reference/statement_test.h"

class TestUpstreamGrammar : public reference::StatementTest
{
    struct Row
    {
        QString id;
        QByteArray bytes; ///< what the upstream sends before it closes
        QByteArray seen;  ///< by the client; empty: 502
    };
    static QByteArray head(const QByteArray &lines) { return "HTTP/1.1 200 OK\r\n" + lines + "\r\n"; }

    static const QList<Row> &rows()
    {
        static const QList<Row> all = [] {
            const QByteArray none = "content-length: 0\r\n";
            QList<Row> made{
                {"#83 503 without a body", "HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n",
                 "503 Service Unavailable"},
                {"#83 200 without a body", head(none), "200 OK"},
                {"#85 204", "HTTP/1.1 204 x\r\n\r\n", "204 No Content"},
                {"#85 204 with a length of 0", "HTTP/1.1 204 x\r\ncontent-length: 0\r\n\r\n",
                 "204 No Content"},
                {"#86 204 with a length", "HTTP/1.1 204 x\r\ncontent-length: 20\r\n\r\n", {}},
                {"#86 204 with a transfer encoding",
                 "HTTP/1.1 204 x\r\ntransfer-encoding: chunked\r\n\r\n",
                 {}},
                {"#89 101 with a transfer encoding",
                 "HTTP/1.1 101 x\r\ntransfer-encoding: chunked\r\n\r\n",
                 {}},
                {"#91 another first byte", "ATTP/1.1 200 OK\r\n\r\n", {}},
                {"#95 chunked and a length", head("transfer-encoding: chunked\r\ncontent-length: 1\r\n"), {}},
                {"#96 the length twice", head("content-length: 1\r\ncontent-length: 1\r\n") + 'a', {}},
                {"#98 a control byte", head("a: b\x12\r\n" + none), {}},
                {"#98 NUL", head(QByteArray("a: b\0c\r\n", 8) + none), {}},
                {"#101 a body until the end", head("") + "Hello", "200 OK = Hello"},
                {"#105 CR as separator", "HTTP/1.1 200\rOK\r\ncontent-length: 0\r\n\r\n", "200 OK"},
                {"#106 folding", head("a: b\r\n c\r\n" + none), "200 OK"},
            };
            for (const QByteArray version :
                 {"HTTP/1.01", "HTTP/A.0", "HHTTP/1.1", "HTTPS/1.1", "aHTTP/1.1", "FTP/1.1"})
                made.append({"#92 " + version, version + " 200 OK\r\ncontent-length: 0\r\n\r\n", {}});
            for (const QByteArray code : {"100", "102", "103", "104"})
                made.append(
                    {"#87 " + code + " first", "HTTP/1.1 " + code + " x\r\n\r\n" + head(none), "200 OK"});
            for (const QByteArray name : {"fo o", "fo[o", "fo\ro"})
                made.append(
                    {"#99 a name with " + QByteArray(1, name[2]).toHex(), head(name + ": b\r\n" + none), {}});
            made.append({"#93 a huge value", head("a: " + QByteArray(80 * 1024, 'b') + "\r\n" + none), {}});
            made.append({"#93 a huge name", head(QByteArray(80 * 1024, 'b') + ": a\r\n" + none), {}});
            made.append({"#94 101 headers", head(QByteArray("a: b\r\n").repeated(100) + none), {}});
            return made;
        }();
        return all;
    }

    QJsonObject upstreams() const override
    {
        QJsonObject scripts;
        for (qsizetype i = 0; i < rows().size(); ++i)
            scripts.insert(QString("/%1").arg(i),
                           QJsonArray{QString::fromLatin1(rows()[i].bytes), QJsonObject{{"close", true}}});
        return {{"up", QJsonObject{{"raw", scripts}}}};
    }

    void statements() override
    {
        for (qsizetype i = 0; i < rows().size(); ++i) {
            const Row &row = rows()[i];
            reference::Statement &made = state("3.10 " + row.id).asks(get('/' + QByteArray::number(i)));
            if (row.seen.isEmpty())
                made.says("502 Bad Gateway = upstream connect error or disconnect/reset before headers. "
                          "reset reason: protocol error")
                    .logs("502 UPE upstream_reset_before_response_started{protocol_error}");
            else
                made.says(row.seen).logs(row.seen.left(3) + " - via_upstream");
        }
    }
};

QTEST_GUILESS_MAIN(TestUpstreamGrammar)
