// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a request's head, one by one: envoy-behaviour 3.9 (methods, header names, targets, versions).
#include "tests/e2e/reference/statement_test.h"

class TestRequestGrammar : public reference::StatementTest
{
    void refused(const QString &id, const QByteArray &bytes)
    {
        state(id).asks(bytes).says("400 Bad Request = Bad Request").closes().forwardsNothing();
    }
    static QString code(char c)
    {
        return QString("0x%1").arg(static_cast<unsigned char>(c), 2, 16, QChar('0'));
    }

    void methods()
    {
        const char *const known = "ACL BIND CHECKOUT COPY DELETE GET LINK LOCK MERGE MKACTIVITY MKCALENDAR "
                                  "MKCOL MOVE NOTIFY OPTIONS "
                                  "PATCH POST PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE "
                                  "SUBSCRIBE TRACE UNBIND UNLINK "
                                  "UNLOCK UNSUBSCRIBE";
        for (const QByteArray &method : QByteArray(known).split(' '))
            state("3.9 method " + method)
                .asks(request(method, "/"))
                .says("200 OK = ok")
                .counts("http.s@n@.downstream_rq_2xx", 1);
        for (const char *method : {"get", "Get", "GETS", "GE", "BREW", "BAD", "PRI"})
            refused(QString("3.9 method ") + method, request(method, "/"));
    }

    void headerNames()
    {
        for (const char c : QByteArray("!#$%&'*+-.^_`|~09az"))
            state("3.9 name with " + code(c))
                .asks(get("/", QByteArray("x") + c + "y: 1\r\n"))
                .says("200 OK = ok")
                .forwards(QByteArray("GET / | host: h | x") + c + "y: 1");
        state("3.9 names become lower case")
            .asks(get("/", "X-ABZ: 1\r\n"))
            .says("200 OK = ok")
            .forwards("GET / | host: h | x-abz: 1");
        for (const char c : QByteArray("\"(),/;<=>?@[\\]{} \t\x01\x7F\x80\xFF"))
            refused("3.9 name with " + code(c), get("/", QByteArray("x") + c + "y: 1\r\n"));
    }

    void targets()
    {
        for (char c = 0x21; c < 0x7F; ++c) {
            if (c != '#')
                state("3.9 target with " + code(c))
                    .asks(get(QByteArray("/a") + c + "b"))
                    .says("200 OK = ok")
                    .forwards(QByteArray("GET /a") + c + "b | host: h");
        }
        for (const char c : QByteArray("\x01\x1F\x7F\x80\xFF"))
            refused("3.9 target with " + code(c), get(QByteArray("/a") + c + "b"));
        for (const char *target : {"www.somewhere.com", "http!://x", "0ttp:/", "http:/x", "http:://x",
                                   "http/somewhere", "http://www@@", "http://www@w@w@@", "http://www@]@[]@#",
                                   "http://www.hash#mark.com", "#", "?", "?query", "?#query#@@", "@"})
            refused(QString("3.9 target ") + target, get(target));
    }

    void versions()
    {
        for (const char *version :
             {"aHTTP/1.1", "HHTTP/1.1", "HTTPS/1.1", "FTP/1.1", "HTTP/1.01", "HTTP/A.0"})
            refused(QString("3.9 #24 ") + version, QByteArray("GET / ") + version + "\r\nhost: h\r\n\r\n");
        for (const char *version : {"HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/9.1"})
            state(QString("3.9 #20 ") + version)
                .asks(QByteArray("GET / ") + version + "\r\nhost: h\r\n\r\n")
                .logs("426 DPE low_version")
                .answersSomehow();
    }

    void statements() override
    {
        methods();
        headerNames();
        targets();
        versions();
    }
};

QTEST_GUILESS_MAIN(TestRequestGrammar)
