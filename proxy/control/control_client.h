// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/control_server.h"
#include "proxy/control/frame.h"
#include "proxy/control/process_link.h"

#include <QTimer>

class QLocalSocket;

namespace sallyport::control {

/// The supervisor's end of the control channel of one gateway. Tries to connect until the gateway listens.
class ControlClient : public ProcessLink
{
    Q_OBJECT

public:
    /// `owner`: the gateway ends when this connection does.
    explicit ControlClient(const QString &path, bool owner, QObject *parent = nullptr);
    ~ControlClient() override;

    void open() override;
    void finish() override;
    void askStats() override;
    bool apply(const QByteArray &bootstrap) override;
    void drain();
    /// Ends the gateway once its requests have ended, after `grace` at the latest.
    void stop(std::chrono::milliseconds grace);

    bool isConnected() const;

Q_SIGNALS:
    void listening(const std::vector<sallyport::control::BoundListener> &listeners);
    void certificates(const std::vector<sallyport::control::CertificateNote> &certificates);
    void disconnected();

private:
    void connectOnce();
    void read();
    void take(const QCborMap &message);
    void send(const QCborMap &message);
    void breakOff(const QString &why);

    QString m_path;
    bool m_owner;
    std::unique_ptr<QLocalSocket> m_socket;
    QTimer m_retry;
    FrameReader m_reader;
    bool m_statsAsked = false;
    bool m_ended = false;
};

} // namespace sallyport::control
