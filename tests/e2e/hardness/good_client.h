// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/proxy/server/sockets.h"

#include <chrono>

/// Somebody who asks properly all the while, on a thread of its own: one request per connection, or as many
/// as the gateway lets it.
class GoodClient
{
public:
    enum class Connections { Fresh, Kept };

    explicit GoodClient(quint16 port, Connections connections = Connections::Fresh)
        : m_thread([this, port, connections] { run(port, connections == Connections::Kept); })
    {
    }
    ~GoodClient() { stop(); }
    GoodClient(const GoodClient &) = delete;
    GoodClient &operator=(const GoodClient &) = delete;

    /// True once `count` more requests were served from now on, and none ever failed.
    bool isServed(int count = 20)
    {
        const int target = served + count;
        return QTest::qWaitFor([&] { return served >= target || failed > 0; }, 30000) && failed == 0;
    }
    void stop()
    {
        m_stop = true;
        if (m_thread.joinable())
            m_thread.join();
    }

    std::atomic<int> served{0};
    std::atomic<int> failed{0};

private:
    void run(quint16 port, bool keep)
    {
        std::unique_ptr<Client> client;
        while (!m_stop) {
            const bool fresh = client == nullptr;
            if (fresh)
                client = std::make_unique<Client>(port);
            client->send(keep ? "GET /good HTTP/1.1\r\nhost: h\r\n\r\n"
                              : "GET /good HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
            std::string answer;
            while (answer.find("\r\n\r\ngood") == std::string::npos) {
                const std::string more = client->read(1);
                if (more.empty())
                    break;
                answer += more;
            }
            const bool good = answer.compare(0, 15, "HTTP/1.1 200 OK") == 0 &&
                              answer.find("\r\n\r\ngood") != std::string::npos;
            // A kept connection that ends between two requests lost none.
            if (good)
                ++served;
            else if (fresh || !answer.empty())
                ++failed;
            if (!keep || !good || answer.find("connection: close") != std::string::npos)
                client.reset();
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};
