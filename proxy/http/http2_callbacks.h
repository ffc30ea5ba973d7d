// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <nghttp2/nghttp2.h>

namespace sallyport::http {

/// What libnghttp2 calls; `userData` is the session.
struct Http2Callbacks
{
    /// The same for all sessions.
    static const nghttp2_session_callbacks *get();
    static ssize_t readPayload(nghttp2_session *session, std::int32_t id, std::uint8_t *buffer,
                               std::size_t size, std::uint32_t *flags, nghttp2_data_source *source,
                               void *userData);

private:
    static nghttp2_session_callbacks *make();
    static int sendPayload(nghttp2_session *session, nghttp2_frame *frame, const std::uint8_t *header,
                           std::size_t size, nghttp2_data_source *source, void *userData);
    static int onStreamClose(nghttp2_session *session, std::int32_t id, std::uint32_t code, void *userData);
    static int onHeader(nghttp2_session *session, const nghttp2_frame *frame, const std::uint8_t *name,
                        std::size_t nameSize, const std::uint8_t *value, std::size_t valueSize,
                        std::uint8_t flags, void *userData);
};

} // namespace sallyport::http
