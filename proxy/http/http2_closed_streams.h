// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>

namespace sallyport::http {

/// Which of a client's streams that are open no more it may still send on (RFC 9113 5.1): those only that
/// were ended from here before the client had ended them, because it may not know yet. What it ended itself
/// and ids that it passed over are closed for good.
class Http2ClosedStreams
{
public:
    /// The client's newest stream.
    void onOpened(std::int32_t id) { m_newest = id; }
    /// Ended from here; the client's message was not complete.
    void onAbandoned(std::int32_t id);
    /// The client ended its message after all, or gave the stream up.
    void onPeerEnded(std::int32_t id);
    /// May HEADERS or DATA come on `id`, which is not open?
    bool mayReceive(std::int32_t id) const;

private:
    std::deque<std::int32_t> m_abandoned;
    std::int32_t m_newest = 0;
    std::int32_t m_forgotten = 0; ///< of streams up to this one nothing is known any more
};

} // namespace sallyport::http
