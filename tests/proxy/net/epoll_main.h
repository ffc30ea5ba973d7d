// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/dispatcher.h"

#include <QCoreApplication>
#include <QTest>

/// Runs a test class on the dispatcher under test, Qt's own waiting in QtTest included.
#define SALLYPORT_EPOLL_MAIN(TestClass)                                                                      \
    int main(int argc, char *argv[])                                                                         \
    {                                                                                                        \
        QCoreApplication::setEventDispatcher(new sallyport::net::EpollDispatcher);                           \
        QCoreApplication app(argc, argv);                                                                    \
        TestClass test;                                                                                      \
        return QTest::qExec(&test, argc, argv);                                                              \
    }
