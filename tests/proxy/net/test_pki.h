// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/proxy/net/child_program.h"

#include <QTemporaryDir>
#include <QTest>

/// Keys and certificates made by the openssl program in a folder of their own.
class TestPki
{
public:
    TestPki()
    {
        authority("ca");
        authority("other-ca");
        issue("server", "ca", "subjectAltName=DNS:test.com,DNS:*.example.com");
        issue("second", "ca", "subjectAltName=DNS:second.test,IP:127.0.0.1");
        issue("client", "ca", "subjectAltName=URI:spiffe://test.client");
        issue("client-other", "other-ca", "subjectAltName=URI:spiffe://test.client");
        issue("client-nosan", "ca", "basicConstraints=CA:FALSE");
        issue("expired", "ca", "subjectAltName=DNS:test.com",
              {"-not_before", "20200101000000Z", "-not_after", "20210101000000Z"});
    }

    std::string file(const QString &name) const { return m_folder.filePath(name).toStdString(); }
    QString path(const QString &name) const { return m_folder.filePath(name); }
    QString folder() const { return m_folder.path(); }

    static void run(const QStringList &arguments, const QString &folder)
    {
        ChildProgram openssl(QStringList{"openssl"} + arguments, folder);
        if (openssl.finish() != 0)
            qFatal("openssl %s: %s", qPrintable(arguments.join(' ')), openssl.err.constData());
    }

    void issue(const QString &name, const QString &issuer, const QString &extension,
               const QStringList &more = {})
    {
        run({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
             name + ".key", "-out", name + ".csr", "-subj", "/O=Tests/CN=" + name},
            m_folder.path());
        write(name + ".ext", extension.toUtf8());
        if (more.isEmpty()) {
            run({"x509", "-req", "-in", name + ".csr", "-CA", issuer + ".pem", "-CAkey", issuer + ".key",
                 "-CAcreateserial", "-days", "30", "-extfile", name + ".ext", "-out", name + ".pem"},
                m_folder.path());
            return;
        }
        // Only `openssl ca` sets dates of the past.
        write("index.txt", {});
        write("ca.cnf", "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\nnew_certs_dir=.\ndefault_md="
                        "sha256\npolicy=p\nrand_serial=yes\n"
                        "unique_subject=no\n[p]\norganizationName=optional\ncommonName=supplied\n");
        run(QStringList{"ca", "-batch", "-config", "ca.cnf", "-in", name + ".csr", "-cert", issuer + ".pem",
                        "-keyfile", issuer + ".key", "-extfile", name + ".ext", "-notext", "-out",
                        name + ".pem", "-startdate", more[1], "-enddate", more[3]},
            m_folder.path());
    }

    void write(const QString &name, const QByteArray &content) const
    {
        QFile file(m_folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("cannot write %s", qPrintable(name));
    }
    QByteArray read(const QString &name) const
    {
        QFile file(m_folder.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private:
    void authority(const QString &name)
    {
        run({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
             "-keyout", name + ".key", "-out", name + ".pem", "-subj", "/O=Tests/CN=" + name},
            m_folder.path());
    }

    QTemporaryDir m_folder;
};
