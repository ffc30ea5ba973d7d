// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/server.h"

#include <QCommandLineParser>
#include <QCoreApplication>

#include <csignal>
#include <iostream>
#include <optional>
#include <sys/prctl.h>

namespace {

using sallyport::httpbin::ListenSpec;

/// `127.0.0.1:8000` or `[::1]:8000`.
std::optional<ListenSpec> parseListen(const QString &text, bool tls)
{
    const qsizetype colon = text.lastIndexOf(QLatin1Char(':'));
    bool good = false;
    const unsigned short port = text.mid(colon + 1).toUShort(&good);
    QString address = text.left(colon);
    if (address.startsWith(QLatin1Char('[')) && address.endsWith(QLatin1Char(']')))
        address = address.mid(1, address.size() - 2);
    if (colon <= 0 || !good)
        return std::nullopt;
    return ListenSpec{address.toStdString(), port, tls};
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("sallyport-httpbin"));
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("An HTTP server that answers as httpbin does, for testing proxies."));
    parser.addHelpOption();
    const QCommandLineOption listen(QStringLiteral("listen"),
                                    QStringLiteral("Listen on ADDR:PORT (port 0: any). May be repeated."),
                                    QStringLiteral("ADDR:PORT"));
    const QCommandLineOption listenTls(QStringLiteral("listen-tls"),
                                       QStringLiteral("Listen with TLS on ADDR:PORT. May be repeated."),
                                       QStringLiteral("ADDR:PORT"));
    const QCommandLineOption certificate(QStringLiteral("tls-cert"),
                                         QStringLiteral("Certificate chain (PEM) of the TLS ports."),
                                         QStringLiteral("FILE"));
    const QCommandLineOption key(QStringLiteral("tls-key"),
                                 QStringLiteral("Private key (PEM) of the TLS ports."),
                                 QStringLiteral("FILE"));
    const QCommandLineOption dieWithParent(
        QStringLiteral("die-with-parent"),
        QStringLiteral("End when the process that started this one ends."));
    parser.addOptions({listen, listenTls, certificate, key, dieWithParent});
    parser.process(application);

    sallyport::httpbin::ServerOptions options;
    options.certificateFile = parser.value(certificate).toStdString();
    options.keyFile = parser.value(key).toStdString();
    for (const bool tls : {false, true}) {
        for (const QString &text : parser.values(tls ? listenTls : listen)) {
            const std::optional<ListenSpec> spec = parseListen(text, tls);
            if (!spec) {
                std::cerr << "sallyport-httpbin: \"" << text.toStdString() << "\" is not ADDR:PORT\n";
                return 2;
            }
            options.listen.push_back(*spec);
        }
    }
    if (options.listen.empty() || (parser.isSet(listenTls) && options.certificateFile.empty())) {
        std::cerr << "sallyport-httpbin: "
                  << (options.listen.empty() ? "give --listen ADDR:PORT" : "--listen-tls needs --tls-cert")
                  << '\n';
        return 2;
    }
    if (parser.isSet(dieWithParent))
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    return sallyport::httpbin::serve(options, [](const std::vector<std::string> &addresses) {
        for (const std::string &address : addresses)
            std::cout << "listening on " << address << std::endl;
    });
}
